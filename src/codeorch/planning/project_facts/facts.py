"""Snapshot -> what somebody must know of a project before he changes it, one short line a fact."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from codeorch.domain import Snapshot
from codeorch.languages import facts_of
from codeorch.planning.project_facts.customs import (
    Changelog,
    asked_of_changes,
    changelog_of,
    examples_that_run,
    settings_of_tests,
)
from codeorch.planning.project_facts.manifests import (
    Manifests,
    main_dependencies,
    own_version,
    supported_versions,
)
from codeorch.planning.project_facts.style import code_style

_LANGUAGES: Final = 4
_LINE: Final = 400  # characters of one fact


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFacts:
    """What is known of a project. Each text is one line; an empty one is not known."""

    languages: str = ""  # with files of code and of tests
    versions: tuple[str, ...] = ()  # of languages, that are supported
    dependencies: tuple[str, ...] = ()
    version: str = ""  # the project's own, with the file that says it
    test_command: str = ""  # and whether it can run here
    tests: tuple[str, ...] = ()  # what is special about them
    examples: str = ""  # whether code in documents runs as tests
    style: tuple[str, ...] = ()  # linters and formatters with their rules
    asked: tuple[str, ...] = ()  # what guides say of changelog, documents and tests
    changelog: Changelog | None = None

    def lines(self) -> Iterator[str]:
        """Yield the facts, the most useful for a plan first."""
        yield from _fact("Code", self.languages)
        yield from _fact("Supports", "; ".join(self.versions))
        yield from _fact("Depends on", ", ".join(self.dependencies))
        yield from _fact("Version", self.version)
        yield from _fact(
            "Tests", "; ".join(each for each in (self.test_command, *self.tests) if each)
        )
        yield from _fact("Examples", self.examples)
        yield from _fact("Style", "; ".join(self.style))
        if self.changelog:
            yield from _fact("Changelog", self.changelog.habit)
            yield from (f"  {line}" for line in self.changelog.head.split("\n") if line)
        if self.asked:
            yield "Guides say:"
            yield from (f"  {line}" for line in self.asked)

    def of_code(self) -> Iterator[str]:
        """Yield the facts that whoever writes one file needs."""
        yield from _fact("Supports", "; ".join(self.versions))
        yield from _fact("Tests", "; ".join(self.tests))
        yield from _fact("Examples", self.examples)
        yield from _fact("Style", "; ".join(self.style))

    def text(self, room: int) -> str:
        """Return the facts in at most `room` characters; the last ones go first."""
        shown: list[str] = []
        for line in self.lines():
            room -= len(line) + 1
            if room < 0:
                break
            shown.append(line)
        return "\n".join(shown)


def project_facts(
    snapshot: Snapshot, *, near: Sequence[str] = (), test_command: str = ""
) -> ProjectFacts:
    """Read the facts of a project from the files of a commit.

    `near` are the paths that matter most: the manifests of their packages count beside the root's.
    `test_command` says how tests are run and whether they can be, as the pipeline found out.
    """
    manifests = Manifests.near(snapshot, near)
    return ProjectFacts(
        languages=_languages(snapshot),
        versions=supported_versions(manifests),
        dependencies=main_dependencies(manifests),
        version=own_version(manifests),
        test_command=test_command,
        tests=settings_of_tests(manifests),
        examples=examples_that_run(manifests),
        style=code_style(manifests),
        asked=asked_of_changes(snapshot),
        changelog=changelog_of(manifests),
    )


def _languages(snapshot: Snapshot) -> str:
    """Count files of code by language, and how many of them are tests."""
    code, tests = Counter[str](), Counter[str]()
    for path in snapshot.files:
        file = snapshot.bare(path)
        if file.role in ("source", "test") and facts_of(file.language).family:
            code[file.language] += 1
            tests[file.language] += file.role == "test"
    return "; ".join(
        f"{language} {count} files, {tests[language]} of them tests"
        for language, count in code.most_common(_LANGUAGES)
    )


def _fact(title: str, said: str) -> Iterator[str]:
    if said:
        yield f"{title}: {said if len(said) <= _LINE else said[:_LINE].rstrip() + ' ...'}"
