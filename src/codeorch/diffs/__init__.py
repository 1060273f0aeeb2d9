"""A model's answer -> new file text with a report, or a refusal with a diagnosis."""

from codeorch.diffs.apply import Applied, HunkReport, apply, apply_answer
from codeorch.diffs.encoding import Decoded, decode, encode
from codeorch.diffs.paths import check_path
from codeorch.diffs.reading import paths_in
from codeorch.diffs.refusal import Refusal
from codeorch.diffs.render import render

__all__ = [
    "Applied",
    "Decoded",
    "HunkReport",
    "Refusal",
    "apply",
    "apply_answer",
    "check_path",
    "decode",
    "encode",
    "paths_in",
    "render",
]
