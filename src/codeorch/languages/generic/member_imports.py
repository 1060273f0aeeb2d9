"""Members of classes that files import, and then use by their bare names: `use Colour::Red`."""

from collections.abc import Iterator
from typing import Final

from codeorch.analysis.proposals import Evidence, Proposal, propose
from codeorch.analysis.rename_members import MemberMatch
from codeorch.languages.generic.import_paths import in_import, written_path
from codeorch.languages.generic.sources import TableSources

_PATTERNS: Final = ("match_arm",)  # where a name that is known is looked up, and binds nothing


def imported_members(sources: TableSources, match: MemberMatch) -> Iterator[Proposal]:
    """Propose an edit for each use of the member that is renamed by its bare name.

    It is proven where the very member is imported and nothing else is called so in the file.
    """
    name = match.rule.name
    for path in sources.files_with(name):
        imports = sources.imports(path)
        source = imports.aliases.get(name, ())
        by_name = len(source) > 1 and source[-1] == name and match.is_family(source[-2])
        by_all = any(one and match.is_family(one[-1]) for one in imports.wildcards)
        if not (by_name or by_all):
            continue
        names = sources.names(path, name)
        for each in names.occurrences:
            if each.role not in ("use", "binding", "member") or match.evidence(each):
                known = in_import(each.node) and written_path(each.node)[-1:]
                if known and match.is_family(known[0]):
                    yield propose(each, match.rule.new, Evidence.IMPORT)
                continue
            owner = names.owner(each)
            bound = owner is not None and owner[2] not in _PATTERNS
            if bound or written_path(each.node) or each.role == "member":
                continue
            is_free = by_name and each.role == "use" and owner is None
            evidence = Evidence.IMPORT if is_free else Evidence.UNKNOWN
            yield propose(each, match.rule.new, evidence)
