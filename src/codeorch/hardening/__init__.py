"""Against who writes what we read, and how we are called: the floor that all else stands on.

Keys that stay ours, characters that nobody can see, standard streams that are there.
"""

from codeorch.hardening.invisible import (
    CLEANED,
    InvisibleCharacter,
    added_characters,
    clean_text,
    count_by_name,
    describe_character,
    invisible_characters,
    named_characters,
    without_invisible,
)
from codeorch.hardening.process_memory import forbid_memory_access
from codeorch.hardening.search_path import trusted_search_path
from codeorch.hardening.standard_streams import open_standard_streams

__all__ = [
    "CLEANED",
    "InvisibleCharacter",
    "added_characters",
    "clean_text",
    "count_by_name",
    "describe_character",
    "forbid_memory_access",
    "invisible_characters",
    "named_characters",
    "open_standard_streams",
    "trusted_search_path",
    "without_invisible",
]
