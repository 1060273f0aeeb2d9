"""Fixes -> commits on a branch of their own, if the gate and the tests bear them out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from codeorch.config import Settings
from codeorch.domain import FilePatch, Snapshot, TestRun, Verdict, VerdictStatus
from codeorch.edits import encode
from codeorch.engines import Engines
from codeorch.errors import UserError
from codeorch.git import (
    CommitDraft,
    Repo,
    check_identity,
    create_branch,
    find_signer,
    has_branch,
    write_commits,
)
from codeorch.prereview.finding import Review
from codeorch.prereview.fixes.mending import Mending
from codeorch.prereview.fixes.rules import Fix, fixes
from codeorch.references import references
from codeorch.retrieval import read_snapshot
from codeorch.source import parse_file
from codeorch.verify import prepare_tests, verify

_BAD = (VerdictStatus.BROKEN, VerdictStatus.RED)
_NAMES = 50  # tried before giving up


def mend(
    repo: Repo, settings: Settings, review: Review, engines: Engines,
    variables: Mapping[str, str], notify: Callable[[str], None],
) -> Mending:  # fmt: skip
    """Mend by rule what a review has found; one commit each, on a branch that starts at its head.

    A fix stands if the gate finds nothing new with it, and the tests say nothing worse of it than
    of the branch. The branch that was reviewed stays as it is.

    Raises:
        UserError: the review was of uncommitted edits; git does not know who writes; or there is no
            sandbox for the tests.
    """
    after = read_snapshot(repo, review.comparison.head)
    wanted = list(fixes(review, after))
    if not wanted:
        return Mending()
    check_identity(repo)
    proven = [each for each in wanted if _is_proven(repo, review, each, after, engines)]
    unproven = tuple(
        (each.title, "it would leave something else behind")
        for each in wanted if each not in proven
    )  # fmt: skip
    chain = _Chain(repo=repo, head=review.comparison.head, after=after)
    judge = _judge(repo, settings, variables, review.comparison.head, after, notify)
    kept, verdict, dropped = _select_fixes(chain, proven, judge)
    commits = chain.commits(kept)
    if not commits:
        return Mending(dropped=(*unproven, *dropped))
    branch = _free_name(repo, f"codeorch/prereview-{review.comparison.head[:7]}")
    create_branch(repo, branch, commits[-1])
    titles = (each.title for each in kept)
    return Mending(
        branch=branch,
        commits=tuple(zip(commits, titles, strict=True)),
        dropped=(*unproven, *dropped),
        verdict=verdict,
    )


def _is_proven(repo: Repo, review: Review, fix: Fix, after: Snapshot, engines: Engines) -> bool:
    """Whether a fix ends what it is for, and nothing else is left behind in its file by it."""
    file = parse_file(fix.path, encode(fix.text, after.bare(fix.path).encoding))
    if isinstance(file, str) or file.syntax_errors > after.files[fix.path].syntax_errors:
        return False
    before = read_snapshot(repo, review.comparison.base)
    paths = {*repo.changed_paths(review.comparison.base, review.comparison.head), fix.path}
    found = references(before, after.with_files({fix.path: file}), paths, engines=engines)
    known = {
        (each.symbol, each.place.path, each.text)
        for each in (*review.findings, *review.excused_findings)
    }
    left = {(gap.symbol, gap.path, gap.text) for gap in found.open}
    own = {(each.symbol, each.place.path, each.text) for each in fix.findings}
    return not left & own and left <= known


_Judge = Callable[[str], Verdict | None]


def _judge(
    repo: Repo, settings: Settings, variables: Mapping[str, str], head: str, after: Snapshot,
    notify: Callable[[str], None],
) -> _Judge:  # fmt: skip
    """Return what the tests say of a commit, held against the head; None where there are none."""
    setup = None
    if not settings.no_test:
        setup = prepare_tests(repo, after.files, settings, variables, notify)
    if setup is None or setup.command is None:
        return lambda _: None
    before: list[TestRun] = []

    def judge(commit: str) -> Verdict:
        verdict = verify(repo, head, commit, setup, before[0] if before else None)
        before[:] = [verdict.before] if verdict.before else []
        return verdict

    return judge


def _select_fixes(
    chain: "_Chain", proven: Sequence[Fix], judge: _Judge
) -> tuple[list[Fix], Verdict | None, list[tuple[str, str]]]:
    """Return the fixes that tests bear out: all at once, or else one after the other."""
    kept, dropped = list(proven), list[tuple[str, str]]()
    verdict = judge(chain.commits(kept)[-1]) if kept else None
    if not _is_bad(verdict):
        return kept, verdict, dropped
    kept, verdict = [], None
    for fix in proven:
        verdict_of_fix = judge(chain.commits([*kept, fix])[-1])
        if not _is_bad(verdict_of_fix):
            kept, verdict = [*kept, fix], verdict_of_fix
        elif verdict_of_fix is not None:
            broken = ", ".join(verdict_of_fix.broken[:3]) or verdict_of_fix.reason
            dropped.append((fix.title, f"the tests are {verdict_of_fix.status} with it: {broken}"))
    return kept, verdict, dropped


def _is_bad(verdict: Verdict | None) -> bool:
    """Whether tests speak against a fix; those that are green do not, whatever they were before."""
    is_green = verdict is not None and verdict.after is not None and verdict.after.green
    return verdict is not None and not is_green and verdict.status in _BAD


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chain:
    """Writes fixes as commits, one on top of the other, that no ref names."""

    repo: Repo
    head: str
    after: Snapshot

    def commits(self, kept: Sequence[Fix]) -> tuple[str, ...]:
        drafts = [
            CommitDraft(message=f"{fix.title}\n\n{_body(fix)}", patches=(patch,))
            for fix, patch in zip(kept, self._patches(kept), strict=True)
        ]
        signer = find_signer(self.repo, self.head) if drafts else None
        return write_commits(self.repo, self.head, drafts, signer) if drafts else ()

    def _patches(self, kept: Sequence[Fix]) -> Iterator[FilePatch]:
        modes = {entry.path: (entry.mode, entry.blob) for entry in self.repo.tree(self.head)}
        with self.repo.reader() as read:
            for fix in kept:
                mode, blob = modes[fix.path]
                data = encode(fix.text, self.after.bare(fix.path).encoding)
                yield FilePatch(path=fix.path, before=read(blob), after=data, mode=mode)


def _body(fix: Fix) -> str:
    return "\n".join(f"{each.rule} {each.place}: {each.message}" for each in fix.findings)


def _free_name(repo: Repo, name: str) -> str:
    names = (name, *(f"{name}-{number}" for number in range(2, _NAMES)))
    free = next((each for each in names if not has_branch(repo, each)), None)
    if free is None:
        raise UserError(f"there are too many branches {name}", "delete some: git branch -D NAME")
    return free
