"""Two sites -> what linters find in the changed files of one and did not in the other."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from codeorch.check.chance import Sides
from codeorch.check.lint import Finding, Linter, new_findings
from codeorch.check.lint.findings import read
from codeorch.check.sandbox import Ran
from codeorch.check.site import Site

_LONGEST_S = 300.0
# Tools that print more than a line for each finding by default, and colours.
_BRIEF: Mapping[str, str] = {"RUFF_OUTPUT_FORMAT": "concise", "NO_COLOR": "1", "FORCE_COLOR": "0"}
_ONLY_STDOUT = ("/bin/sh", "-c", 'exec "$@" 2>/dev/null', "sh")


def lint(sides: Sides, paths: Collection[str]) -> tuple[str, ...]:
    """Say what is newly found in the changed files.

    A linter that finds nothing now need not look at the base.
    """
    linters = sides.result.trial.linters
    return tuple(text for linter in linters for text in _compared(sides, linter, paths))


def _compared(sides: Sides, linter: Linter, paths: Collection[str]) -> Sequence[str]:
    now, ran = _look(sides.result, linter, paths)
    fails = ran is not None and ran.exit_code != 0
    if not now and not fails:
        return ()
    before, ran_before = _look(sides.base(), linter, paths)
    if now or before:
        return [str(finding) for finding in new_findings(before, now)]
    # Nothing of the output could be read, so only the exit code can speak.
    if linter.takes == "nothing" and fails and ran_before and ran_before.exit_code == 0:
        return [f"`{linter.name}` fails now: {_last_line(ran)}"]
    return ()


def _look(
    site: Site, linter: Linter, paths: Collection[str]
) -> tuple[Sequence[Finding], Ran | None]:
    there = [path for path in sorted(paths) if (site.scratch.folder / path).is_file()]
    known = linter.about(there)
    if not known or site.failed:
        return (), None
    argv = linter.on(known)
    if linter.form != "text":
        argv = (*_ONLY_STDOUT, *argv)
    limits = replace(site.trial.limits, time_s=min(_LONGEST_S, site.trial.limits.time_s))
    ran = site.call(argv, limits=limits, env=_BRIEF)
    found = read(linter.form, ran.log, str(site.where))
    return [finding for finding in found if finding.path in paths], ran


def _last_line(ran: Ran | None) -> str:
    lines = ran.log.strip().splitlines() if ran else []
    return lines[-1] if lines else "it says nothing"
