"""A branch's change -> what it left behind. The order of a pre-review, on one page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch

from codeorch.config import Settings
from codeorch.engines import Engines, PythonEnvironment, own_checkers
from codeorch.git import Repo, hunks
from codeorch.prereview.comparison import Extent, comparison_of
from codeorch.prereview.excuses import apply_excuses
from codeorch.prereview.finding import Finding, Review, sort_findings
from codeorch.prereview.gate_findings import gate_findings, uses_of
from codeorch.prereview.notes import Change, notes
from codeorch.prereview.rules import named_rules, selection
from codeorch.references import references
from codeorch.retrieval import read_snapshot
from codeorch.verify import site_packages


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is to be looked at, and for what."""

    base: str = ""  # the branch that it is to be merged into; empty = as git's settings tell
    head: str = "HEAD"
    extent: Extent = "commits"
    select: tuple[str, ...] = ()  # ids of rules or their beginnings; empty = the usual ones
    ignore: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)  # of the user's shell


def review(repo: Repo, settings: Settings, scope: Scope) -> Review:
    """Find what a branch left behind.

    No model and no network is used, and nothing is written but the cache in the git directory.

    Raises:
        UserError: there is no merge base, or a rule is unknown.
    """
    chosen = selection(scope.select, scope.ignore)
    comparison = comparison_of(repo, base=scope.base, head=scope.head, extent=scope.extent)
    paths = repo.changed_paths(comparison.base, comparison.head)
    if not paths:
        return Review(comparison=comparison)
    before, after = (read_snapshot(repo, each) for each in (comparison.base, comparison.head))
    engines = engines_of(repo, settings, scope.variables)
    found = references(before, after, paths, engines=engines)
    exchanged = hunks(repo, comparison.base, comparison.head)
    change = Change(repo=repo, comparison=comparison, before=before, after=after, hunks=exchanged)
    everything = [*gate_findings(found, after, exchanged), *notes(change, chosen)]
    some = [_unless_excluded(e, settings.exclude) for e in everything if e.rule in chosen]
    left, gone = apply_excuses(some, after, exchanged, chosen)
    return Review(
        comparison=comparison,
        findings=sort_findings(left),
        changes=found.changes,
        uses=uses_of(found, after),
        excused_findings=tuple(gone),
        type_checkers=found.type_checkers,
        unchecked=found.unchecked,
        requested=named_rules(scope.select),
    )


def engines_of(repo: Repo, settings: Settings, variables: Mapping[str, str]) -> Engines:
    """Return the type checkers that are asked: those of codeorch's own environment."""
    return Engines(
        checkers=() if settings.engines == "off" else own_checkers(),
        environment=PythonEnvironment(site_packages=site_packages(repo.root, variables)),
        cache=repo.git_dir / "codeorch" / "diagnostics",
        time_limit_s=settings.engine_timeout_s,
    )


def _unless_excluded(finding: Finding, globs: Sequence[str]) -> Finding:
    """Doubt what was found in a file that is never to be changed."""
    hidden = any(fnmatch(finding.place.path, glob) for glob in globs)
    return replace(finding, level="maybe") if hidden and finding.level != "note" else finding
