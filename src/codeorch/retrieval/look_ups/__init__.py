"""Look-ups: what a model may ask of the commit before it answers. Read-only and bounded.

tools         calls -> what they give back, within limits
read_code     places -> lines; definitions: name -> definitions and their lines; shown_lines
search_lines  text -> lines; line_pattern: a pattern whose time is bounded
references    name -> uses by form; name_uses: how sure each is; lost_uses: by hiding a definition
file_outline  file or folder -> its parts; related: file -> files that it has to do with
globs         glob -> the paths that it selects
places        paths and counts as they are written and shown
"""

from codeorch.retrieval.look_ups.definitions import Defined, find_definitions, signature_of
from codeorch.retrieval.look_ups.globs import is_glob, select_paths
from codeorch.retrieval.look_ups.name_uses import NameUse
from codeorch.retrieval.look_ups.places import (
    LookUpError,
    fold_counts,
    nearest_paths,
    numbers,
    plural,
    short_line,
)
from codeorch.retrieval.look_ups.related import Companions, companions_of
from codeorch.retrieval.look_ups.shown_lines import ShownLines
from codeorch.retrieval.look_ups.tools import Codebase, LookUps, look_up_tools

__all__ = [
    "Codebase",
    "Companions",
    "Defined",
    "LookUpError",
    "LookUps",
    "NameUse",
    "ShownLines",
    "companions_of",
    "find_definitions",
    "fold_counts",
    "is_glob",
    "look_up_tools",
    "nearest_paths",
    "numbers",
    "plural",
    "select_paths",
    "short_line",
    "signature_of",
]
