"""Trees of sources for engines, and an engine of one's own that misbehaves."""

import sys
from dataclasses import replace

import pytest

from codeorch.engines import own_checkers
from codeorch.engines.selection import Program
from codeorch.engines.source_tree import tree_of

PYREFLY = next(each for each in own_checkers() if each.program.name == "pyrefly")


@pytest.fixture
def make_tree(tmp_path):
    """Write texts by path into a folder of their own."""
    count = 0

    def make(texts):
        nonlocal count
        count += 1
        folder = tmp_path.resolve() / f"tree-{count}"
        folder.mkdir()
        return tree_of(texts, "python", folder)

    return make


@pytest.fixture
def make_engine(tmp_path):
    """Make an engine that is called and read like pyrefly, but is a script of the test."""

    def make(script):
        path = tmp_path / "engine"
        path.write_text(f"#!{sys.executable}\nimport json, os, sys, time\n{script}")
        path.chmod(0o755)
        return replace(PYREFLY, program=Program(name="toy", path=path, version="1"))

    return make
