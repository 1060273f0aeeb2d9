"""Against who writes what we read: keys that stay ours, characters that nobody can see."""

from codeorch.hardening.invisible import (
    InvisibleCharacter,
    added_characters,
    count_by_name,
    describe_character,
    invisible_characters,
    named_characters,
    without_invisible,
)
from codeorch.hardening.process_memory import forbid_memory_access

__all__ = [
    "InvisibleCharacter",
    "added_characters",
    "count_by_name",
    "describe_character",
    "forbid_memory_access",
    "invisible_characters",
    "named_characters",
    "without_invisible",
]
