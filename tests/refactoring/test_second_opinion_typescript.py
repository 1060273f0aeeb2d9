"""A rename in TypeScript, as the project's own TypeScript agrees with it, in the sandbox."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from codeorch.cli import main
from codeorch.engines import Engines, choose_engines
from codeorch.engines.typescript import has_typescript
from codeorch.errors import UserError
from codeorch.sandbox import choose_sandbox

MODULES = Path(os.environ.get("TYPESCRIPT_MODULES", "none"), "node_modules")
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
def project(make_repo, monkeypatch, with_engines):
    if not has_typescript(MODULES.parent):
        pytest.skip("no TypeScript 7: npm install it, and name its folder in TYPESCRIPT_MODULES")
    try:
        choose_sandbox(dict(os.environ))
    except UserError:
        pytest.skip("no sandbox works here")
    repo = make_repo(FILES)
    (repo.root / "node_modules").symlink_to(MODULES.resolve())
    monkeypatch.chdir(repo.root)
    return repo


def apply(capsys, *flags):
    code = main(["apply", REQUEST, "--no-test", "--json", *flags])
    record = json.loads(capsys.readouterr().out)
    gaps = [(gap["path"], gap["line"]) for gap in record["rounds"][0]["completeness"]["gaps"]]
    return code, gaps, record


def test_types_that_own_analysis_does_not_follow_are_edited(project, capsys):
    code, gaps, record = apply(capsys)
    show = ["git", "show", f"{record['commit']}:use.ts"]
    text = subprocess.run(show, cwd=project.root, capture_output=True, text=True, check=True).stdout
    assert text == USE.replace("first.area", "first.surface")
    assert (code, gaps) == (3, [("use.ts", 4)])
    notes = record["rounds"][0]["plan"]["notes"]
    assert any(note.startswith("tsc 7") for note in notes)


@pytest.mark.parametrize("choice", ["own", "off"])
def test_only_found_engines_are_the_projects(project, capsys, choice):
    code, gaps, record = apply(capsys, "--engines", choice)
    assert (code, gaps) == (3, [("use.ts", 3), ("use.ts", 4), ("use.ts", 6)])
    assert not any("tsc" in note for note in record["rounds"][0]["plan"]["notes"])


def a_typescript(root, version):
    """Lay out what an installed TypeScript looks like."""
    for package in ("linux-x64", "linux-arm64"):
        folder = root / "node_modules" / "@typescript" / f"typescript-{package}"
        (folder / "lib").mkdir(parents=True)
        (folder / "lib" / "tsc").touch()
        (folder / "package.json").write_text(json.dumps({"version": version}))


def chosen(root, choice, sandbox):
    defaults = Engines()
    return choose_engines(
        choice, root, lambda: sandbox,
        environment=defaults.environment, cache=None, time_limit_s=1.0,
    )  # fmt: skip


def test_without_a_sandbox_nothing_of_the_project_is_run(tmp_path):
    a_typescript(tmp_path, "7.1.0")
    engines = chosen(tmp_path, "found", None)
    assert engines.of("ecmascript") == []
    assert "no sandbox" in engines.notices[0]
    assert engines.of("python")[0].program.name == "pyrefly"


def test_a_found_program_is_known_by_its_path_and_confined(tmp_path):
    a_typescript(tmp_path, "7.1.0")
    sandbox = object()
    (found,) = chosen(tmp_path, "found", sandbox).of("ecmascript")
    assert (found.program.version, found.sandbox) == ("7.1.0", sandbox)
    assert found.program.path.is_absolute()
    assert chosen(tmp_path, "own", sandbox).of("ecmascript") == []
    assert chosen(tmp_path, "off", sandbox) == chosen(tmp_path / "none", "off", None)


@pytest.mark.parametrize("version", ["5.9.3", "", "seven", None])
def test_a_typescript_of_another_protocol_is_not_asked(tmp_path, version):
    a_typescript(tmp_path, version)
    assert not has_typescript(tmp_path)


def test_modules_that_lie_outside_of_the_project_are_not_shown(tmp_path):
    a_typescript(tmp_path / "elsewhere", "7.1.0")
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "node_modules").symlink_to(tmp_path / "elsewhere" / "node_modules")
    assert has_typescript(tmp_path / "elsewhere")
    assert not has_typescript(tmp_path / "project")
