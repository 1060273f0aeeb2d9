"""The reference gate: snapshots before and after -> Completeness, the uses that were forgotten.

The way of the data:

    changes    which definitions went, moved, got another name or take something else
    sides      both snapshots, each with a `Reader` for each family of languages (see `uses`)
    lost       uses of what is gone: names, exports, modules, entry points
    overrides  methods of classes that derive from each other, left behind
    calls      calls that do not fit any more what they call
    touched    what changed files use anew and nobody defines: a definition that was forgotten
    grading    how sure a use is that the text alone does not tell
    mentions   old names in strings, comments, documentation and configuration
    gate       all of this in order; waivers are taken into account

A `Reader` answers what names stand for in one snapshot. There are four: `python`, `scripts`
(JavaScript and TypeScript) and `golang` follow imports; `tables` knows Rust, C, Java and others by
the scopes of a file and by what else has the name. `objects` finds classes and their members for
the last three. They read only files that hold a name which somebody asks for, and each text is
parsed once for both sides (`codeorch.analysis.parse_cache`).
"""

from codeorch.references.gate import complete, references

__all__ = ["complete", "references"]
