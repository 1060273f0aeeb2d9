"""A model's answer -> new file text with a report, or a refusal with a diagnosis."""

from codeorch.edits.answer import paths_in
from codeorch.edits.apply import Applied, HunkReport, apply, apply_answer
from codeorch.edits.autorun import autorun_kind, names_kind, names_path
from codeorch.edits.checks import check_not_emptied, check_visible
from codeorch.edits.encoding import Decoded, decode, encode
from codeorch.edits.extract import closes_fence, opening_fence
from codeorch.edits.hunks import Refusal
from codeorch.edits.paths import check_path, plain_path, resolve_path
from codeorch.edits.render import render

__all__ = [
    "Applied",
    "Decoded",
    "HunkReport",
    "Refusal",
    "apply",
    "apply_answer",
    "autorun_kind",
    "check_not_emptied",
    "check_path",
    "check_visible",
    "closes_fence",
    "decode",
    "encode",
    "names_kind",
    "names_path",
    "opening_fence",
    "paths_in",
    "plain_path",
    "render",
    "resolve_path",
]
