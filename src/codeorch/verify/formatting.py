"""A commit -> its changed files as the project's formatters write them."""

from collections.abc import Sequence
from dataclasses import replace

from codeorch.domain import FilePatch
from codeorch.git import Repo
from codeorch.sandbox import read_written, scratch_folder
from codeorch.verify.checkout import Checkout
from codeorch.verify.linters import Formatter
from codeorch.verify.test_setup import TestSetup

_LIMIT_S = 120.0
_MOST_BYTES = 64 << 20  # of a formatted file


def format_changed_files(
    repo: Repo, base: str, result: str, test_setup: TestSetup
) -> tuple[FilePatch, ...]:
    """Return the edits that formatters make to the changed files of a commit.

    A file that was not formatted on the base stays as it is: whoever reviews the change should
    not have to find it among lines that only moved.
    """
    if not test_setup.formatters:
        return ()
    changed = set(repo.changed_paths(base, result))
    entries = [entry for entry in repo.tree(result) if entry.path in changed and entry.is_file]
    base_paths = {entry.path for entry in repo.tree(base) if entry.is_file}
    paths = [entry.path for entry in entries]
    modes = {entry.path: entry.mode for entry in entries}
    without_setup_command = replace(test_setup, setup_command="")
    patches: dict[str, FilePatch] = {}
    with scratch_folder("check") as workspace:

        def open_base() -> Checkout:
            return Checkout.of(repo, base, without_setup_command, workspace)

        checkout = Checkout.of(repo, result, without_setup_command, workspace)
        for formatter in test_setup.formatters:
            edits = _run_formatter(checkout, formatter, formatter.select_paths(paths))
            old = [path for path in edits if path in base_paths]
            base_edits = _run_formatter(open_base(), formatter, old) if old else {}
            for path, (before, after) in edits.items():
                if path not in base_edits:
                    patches[path] = FilePatch(
                        path=path, before=before, after=after, mode=modes[path]
                    )
    return tuple(patches.values())


def _run_formatter(
    checkout: Checkout, formatter: Formatter, paths: Sequence[str]
) -> dict[str, tuple[bytes, bytes]]:
    """Format files of a checkout; give those that it changed, before and after."""
    before = {path: data for path in paths if (data := _read(checkout, path)) is not None}
    if not before:
        return {}
    limits = replace(checkout.test_setup.limits, time_s=_LIMIT_S)
    if checkout.run_command((*formatter.argv, *before), limits=limits).exit_code != 0:
        return {}  # a file that it cannot read, or it cannot run: that is no edit
    after = {path: _read(checkout, path) for path in before}
    return {
        path: (data, new)
        for path, data in before.items()
        if (new := after[path]) is not None and new != data
    }


def _read(checkout: Checkout, path: str) -> bytes | None:
    return read_written(checkout.scratch.folder / path, _MOST_BYTES)
