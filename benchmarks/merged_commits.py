"""Merged commits of well-known repositories, frozen before anybody looked at what is said of them.

    python benchmarks/merged_commits.py --mirror DIR    # writes merged_commits.json anew

DIR holds git directories as owner+name/repo. The rule: from the head, along the first parents (so a
merge is one commit, as it was merged), the newest 100 commits that differ from their first parent
in at least two source files (by suffix, whatever their folder) and in at most 50 files at all.
Nothing else is looked at, neither message nor content. The file names the head and the first twelve
digits of each commit, newest first.

Two lists of ten repositories, chosen for being well known and named nowhere in this project when
they were chosen. List A is open: failures on it are read, and mended. List B is for the end, and is
measured once.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

LISTS = {
    "A": (
        "marshmallow-code/marshmallow", "scrapy/scrapy", "mkdocs/mkdocs", "locustio/locust",
        "mitmproxy/mitmproxy", "pydata/xarray", "trpc/trpc", "caddyserver/caddy", "sharkdp/bat",
        "mockito/mockito",
    ),
    "B": (
        "celery/kombu", "falconry/falcon", "tornadoweb/tornado", "beetbox/beets",
        "sphinx-doc/sphinx", "spotify/luigi", "reduxjs/redux-toolkit", "charmbracelet/bubbletea",
        "clap-rs/clap", "apache/commons-lang",
    ),
}  # fmt: skip
SOURCES = (
    ".py", ".pyi", ".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".go", ".rs",
    ".java",
)  # fmt: skip
FROZEN = Path(__file__).with_suffix(".json")
_COMMITS = 100
_MOST_FILES = 50


def frozen_commits(name: str) -> dict[str, tuple[str, list[str]]]:
    """Return the repositories of a list with their head and commits."""
    lists = json.loads(FROZEN.read_text("utf-8"))
    return {repo: (each["head"], each["commits"]) for repo, each in lists[name].items()}


def git_folder(mirror: Path, repository: str) -> Path:
    return mirror / repository.replace("/", "+") / "repo"


def spread(commits: list[str], count: int) -> list[str]:
    """Take some of the commits, evenly spread from the newest to the oldest."""
    count = min(count, len(commits))
    return [commits[index * len(commits) // count] for index in range(count)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mirror", type=Path, required=True)
    mirror = parser.parse_args().mirror
    lists = {
        name: {repo: freeze(git_folder(mirror, repo)) for repo in repositories}
        for name, repositories in LISTS.items()
    }
    FROZEN.write_text(json.dumps(lists, indent=1) + "\n", "utf-8")
    return 0


def freeze(folder: Path) -> dict[str, object]:
    commits = [commit for commit, paths in changes(folder) if is_meant(paths)]
    return {"head": git(folder, "rev-parse", "HEAD").strip(), "commits": commits[:_COMMITS]}


def is_meant(paths: list[str]) -> bool:
    return len(paths) <= _MOST_FILES and sum(path.endswith(SOURCES) for path in paths) >= 2


def changes(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Give each commit with the paths in which it differs from its first parent."""
    limits = ["--first-parent", "--diff-merges=first-parent", "--min-parents=1", "--max-count=1500"]
    text = git(folder, "log", *limits, "--no-renames", "--name-only", "-z", "--format=%x01%H")
    for block in text.split("\x01")[1:]:
        commit, _, paths = block.partition("\0")
        yield commit[:12], [path for path in paths.strip("\n").split("\0") if path.strip()]


def git(folder: Path, *arguments: str) -> str:
    argv = ["git", "-C", str(folder), *arguments]
    return subprocess.run(argv, capture_output=True, check=True).stdout.decode("utf-8", "replace")


if __name__ == "__main__":
    sys.exit(main())
