"""Findings in the forms that people and other programs read."""

from codeorch.prereview.formats.annotations import annotations_of
from codeorch.prereview.formats.as_json import json_of
from codeorch.prereview.formats.as_text import text_of
from codeorch.prereview.formats.rdjson import rdjson_of
from codeorch.prereview.formats.sarif import sarif_of

__all__ = ["annotations_of", "json_of", "rdjson_of", "sarif_of", "text_of"]
