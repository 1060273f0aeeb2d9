"""Findings in the forms that people and other programs read."""

from codeorch.prereview.formats.as_json import json_of
from codeorch.prereview.formats.as_text import text_of

__all__ = ["json_of", "text_of"]
