"""The reference gate: snapshots before and after -> Completeness, the uses that were forgotten.

The way of the data:

    changes         which definitions went, moved, got another name or take something else
    snapshot_pair   both snapshots, each with a `Reader` for each family of languages
    broken_uses     uses of what is gone: names, exports, modules, entry points
    overrides       methods of classes that derive from each other, left behind
    calls           calls that do not fit any more what they call
    new_uses        what changed files use anew and nobody defines: a definition that was forgotten
    type_check      what a type checker says of the result and did not say of the base
    base_check      its word on the base, asked for while the change is made
    type_errors     what of that is about changed definitions, or about names that nobody defines
    test_data       code that tests only read, in which nothing is left behind
    confidence      how sure a use is that the text alone does not tell
    text_mentions   old names in strings, comments, documentation and configuration
    gate            all of this in order; waivers are taken into account

A `Reader` (`codeorch.analysis.use_sites`) answers what names stand for in one snapshot;
`codeorch.languages` makes one for each family. They read only files that hold a name which somebody
asks for, and each text is parsed once for both sides (`codeorch.analysis.parse_cache`).
"""

from typing import TYPE_CHECKING

from codeorch.lazy_names import lazy_names
from codeorch.references.gate import complete, references

if TYPE_CHECKING:
    from codeorch.references.base_check import BaseCheck, checkable_families

__all__ = ["BaseCheck", "checkable_families", "complete", "references"]

# A review has no time in which the base could be checked beforehand.
__getattr__ = lazy_names(__name__, {"base_check": ("BaseCheck", "checkable_families")})
