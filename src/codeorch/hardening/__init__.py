"""Against who writes what we read: keys that stay ours, characters that nobody can see."""

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
    "without_invisible",
]
