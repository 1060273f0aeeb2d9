"""Against who writes what we read, and how we are called: the floor that all else stands on.

Keys that stay ours, standard streams that are there, programs that are not the repository's.
"""

from codeorch.hardening.process_memory import forbid_memory_access
from codeorch.hardening.search_path import trusted_search_path
from codeorch.hardening.standard_streams import open_standard_streams

__all__ = [
    "forbid_memory_access",
    "open_standard_streams",
    "trusted_search_path",
]
