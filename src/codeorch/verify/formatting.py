"""A commit -> its changed files as the project's formatters write them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from codeorch.domain import FilePatch
from codeorch.git import Repo
from codeorch.verify.checkout import Site, private_folder
from codeorch.verify.linters import Formatter
from codeorch.verify.test_setup import Trial

_LIMIT_S = 120.0


def tidy(repo: Repo, base: str, result: str, trial: Trial) -> tuple[FilePatch, ...]:
    """Give the edits that formatters make to the changed files of a commit.

    A file that was not formatted on the base stays as it is: whoever reviews the change should
    not have to find it among lines that only moved.
    """
    if not trial.formatters:
        return ()
    changed = set(repo.changed_paths(base, result))
    entries = [entry for entry in repo.tree(result) if entry.path in changed and entry.is_file]
    old = {entry.path for entry in repo.tree(base) if entry.is_file}
    paths = [entry.path for entry in entries]
    modes = {entry.path: entry.mode for entry in entries}
    bare = replace(trial, setup="")
    patches: dict[str, FilePatch] = {}
    with private_folder() as private:
        site = Site.of(repo, result, bare, private)
        for formatter in trial.formatters:
            edits = _edits(site, formatter, formatter.about(paths))
            known = [path for path in edits if path in old]
            untidy = _edits(Site.of(repo, base, bare, private), formatter, known) if known else {}
            for path, (before, after) in edits.items():
                if path not in untidy:
                    patches[path] = FilePatch(
                        path=path, before=before, after=after, mode=modes[path]
                    )
    return tuple(patches.values())


def _edits(
    site: Site, formatter: Formatter, paths: Sequence[str]
) -> dict[str, tuple[bytes, bytes]]:
    """Format files of a checkout; give those that it changed, before and after."""
    before = {path: data for path in paths if (data := _read(site, path)) is not None}
    if not before:
        return {}
    limits = replace(site.trial.limits, time_s=_LIMIT_S)
    if site.call((*formatter.argv, *before), limits=limits).exit_code != 0:
        return {}  # a file that it cannot read, or it cannot run: that is no edit
    after = {path: _read(site, path) for path in before}
    return {
        path: (data, new)
        for path, data in before.items()
        if (new := after[path]) is not None and new != data
    }


def _read(site: Site, path: str) -> bytes | None:
    """Read a file of the checkout, unless what runs there put a link to elsewhere in its place."""
    folder: Path = site.scratch.folder
    file = folder / path
    if file.is_file() and file.resolve() == folder.resolve() / path:
        return file.read_bytes()
    return None
