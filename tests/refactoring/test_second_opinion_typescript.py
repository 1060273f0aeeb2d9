"""A rename in TypeScript, as the project's own TypeScript agrees with it, in the sandbox."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from codeorch.cli import main
from codeorch.engines import Engines, FoundPrograms, choose_engines
from codeorch.errors import UserError
from codeorch.sandbox import NoSandbox, choose_sandbox

SHAPES = (
    "export interface Shape { area(): number; }\n"
    "export class Box implements Shape { area() { return 1; } }\n"
    "export function shapes(): Map<string, Shape[]> { return new Map(); }\n"
)
USE = (
    "import { shapes } from './shapes';\n"
    "const [first] = [...shapes().values()].flat();\n"
    "export const size = first.area();\n"
    "export function loose(x) { return x.area(); }\n"
    "export class Plot { area() { return 2; } }\n"
    "export const other = [...new Set([new Plot()])].map((plot) => plot.area());\n"
)
FILES = {"shapes.ts": SHAPES, "use.ts": USE, ".gitignore": "node_modules\n"}
REQUEST = "rename method `Shape.area` to `surface` in `shapes.ts`"


@pytest.fixture
def begin(make_repo, monkeypatch, with_engines):
    """Make a project with a TypeScript of its own."""

    def make(install):
        if _sandbox() is None:
            pytest.skip("no sandbox works here")
        repo = make_repo(FILES)
        install(repo.root)
        monkeypatch.chdir(repo.root)
        return repo

    return make


def _sandbox():
    try:
        return choose_sandbox(dict(os.environ), Path.cwd())
    except UserError:
        return None


def apply(capsys, *flags):
    code = main(["apply", REQUEST, "--no-test", "--json", *flags])
    record = json.loads(capsys.readouterr().out)
    gaps = [(gap["path"], gap["line"]) for gap in record["rounds"][0]["completeness"]["gaps"]]
    return code, gaps, record


def test_types_that_own_analysis_does_not_follow_are_edited(begin, any_typescript, capsys):
    project = begin(any_typescript)
    code, gaps, record = apply(capsys)
    show = ["git", "show", f"{record['commit']}:use.ts"]
    text = subprocess.run(show, cwd=project.root, capture_output=True, text=True, check=True).stdout
    assert text == USE.replace("first.area", "first.surface")
    assert (code, gaps) == (3, [("use.ts", 4)])
    (checker,) = record["rounds"][0]["completeness"]["type_checkers"]
    notes = record["rounds"][0]["plan"]["notes"]
    assert any(note.startswith(f"{checker}, asked about") for note in notes)


@pytest.mark.parametrize("choice", ["own", "off"])
def test_only_found_engines_are_the_projects(begin, install_typescript, capsys, choice):
    begin(lambda root: install_typescript(root, "5"))
    code, gaps, record = apply(capsys, "--engines", choice)
    assert (code, gaps) == (3, [("use.ts", 3), ("use.ts", 4), ("use.ts", 6)])
    assert not record["rounds"][0]["completeness"]["type_checkers"]


def a_typescript(root, version):
    """Lay out what an installed TypeScript from version 7 on looks like."""
    for package in ("linux-x64", "linux-arm64"):
        folder = root / "node_modules" / "@typescript" / f"typescript-{package}"
        (folder / "lib").mkdir(parents=True)
        (folder / "lib" / "tsc").touch()
        (folder / "package.json").write_text(json.dumps({"version": version}))


def scripts_for_node(root, version):
    """Lay out what an installed TypeScript of versions before 7 looks like."""
    folder = root / "node_modules" / "typescript"
    (folder / "lib").mkdir(parents=True)
    (folder / "lib" / "tsserver.js").touch()
    (folder / "lib" / "tsc.js").touch()
    (folder / "package.json").write_text(json.dumps({"version": version}))


@pytest.fixture
def chosen(tmp_path):
    """Choose engines for a project, with a node on the search path."""
    (tmp_path / "programs").mkdir()
    (tmp_path / "programs" / "node").write_text("#!/bin/sh\n")
    (tmp_path / "programs" / "node").chmod(0o755)

    def choose(root, choice="found", sandbox=None, programs="programs"):
        found = FoundPrograms(search_path=str(tmp_path / programs))
        return choose_engines(choice, root, lambda: sandbox, found, Engines())

    return choose


LAYOUTS = [(a_typescript, "7.1.0"), (scripts_for_node, "5.9.3"), (scripts_for_node, "6.0.1")]


@pytest.mark.parametrize(("lay_out", "version"), LAYOUTS)
def test_without_a_sandbox_nothing_of_the_project_is_run(tmp_path, chosen, lay_out, version):
    lay_out(tmp_path, version)
    engines = chosen(tmp_path)
    assert engines.of("ecmascript") == []
    assert "no sandbox" in engines.notices[0]
    assert engines.of("python")[0].program.name == "pyrefly"


@pytest.mark.parametrize(("lay_out", "version"), LAYOUTS)
def test_a_found_program_is_known_by_its_path_and_confined(tmp_path, chosen, lay_out, version):
    lay_out(tmp_path, version)
    sandbox = NoSandbox()
    engines = chosen(tmp_path, sandbox=sandbox)
    (found,) = engines.of("ecmascript")
    assert (found.program.version, found.sandbox) == (version, sandbox)
    assert found.program.path.is_absolute()
    assert "ecmascript" not in engines.lacks
    assert chosen(tmp_path, "own", sandbox).of("ecmascript") == []
    assert chosen(tmp_path, "off", sandbox) == chosen(tmp_path / "none", "off")


@pytest.mark.parametrize("version", ["4.9.5", "8", "", "seven", None, "5" * 5000])
@pytest.mark.parametrize("lay_out", [a_typescript, scripts_for_node])
def test_a_typescript_of_another_protocol_is_not_asked(tmp_path, chosen, lay_out, version):
    lay_out(tmp_path, version)
    engines = chosen(tmp_path, sandbox=NoSandbox())
    assert engines.of("ecmascript") == []
    assert "no TypeScript from version 5 on" in engines.lacks["ecmascript"]


def test_what_is_lacking_is_named(tmp_path, chosen):
    assert chosen(tmp_path).lacks["ecmascript"] == "node_modules is not there"
    scripts_for_node(tmp_path, "5.9.3")
    lack = chosen(tmp_path, sandbox=NoSandbox(), programs="none").lacks["ecmascript"]
    assert lack == "node is not on the PATH"


@pytest.mark.parametrize(("lay_out", "version"), LAYOUTS)
@pytest.mark.parametrize("link", ["node_modules", "typescript", "lib"])
def test_what_lies_outside_of_the_project_is_not_run(tmp_path, chosen, lay_out, version, link):
    lay_out(tmp_path / "elsewhere", version)
    (tmp_path / "project" / "node_modules").mkdir(parents=True)
    pattern = {"node_modules": "node_modules", "typescript": "node_modules/*"}
    for outer in (tmp_path / "elsewhere").glob(pattern.get(link, "node_modules/**/lib/*")):
        inner = tmp_path / "project" / outer.relative_to(tmp_path / "elsewhere")
        if inner.is_dir():
            inner.rmdir()
        inner.parent.mkdir(parents=True, exist_ok=True)
        inner.symlink_to(outer)
        manifest = outer.parents[1] / "package.json"
        if link == "lib" and manifest.exists():
            shutil.copy(manifest, inner.parents[1])
    assert chosen(tmp_path / "elsewhere", sandbox=NoSandbox()).of("ecmascript")
    assert chosen(tmp_path / "project", sandbox=NoSandbox()).of("ecmascript") == []
