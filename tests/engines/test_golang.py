"""gopls as an engine: found among the user's programs, confined, and read in all its words."""

import os
import shutil
from pathlib import Path

import pytest

from codeorch.engines import Engines, FoundPrograms, check, choose_engines
from codeorch.engines.golang import golang
from codeorch.engines.name_server import name_server
from codeorch.engines.source_tree import tree_of
from codeorch.engines.text_positions import Location
from codeorch.sandbox import NoSandbox

SHOP = (
    "package shop\n\ntype Shape interface{ Area() int }\ntype Box struct{ Size int }\n\n"
    "func (b *Box) Area() int { return b.Size }\nfunc Two(a, b int) int { return a + b }\n"
)
APP = (
    'package app\n\nimport (\n\t"example.org/shop/shop"\n\t"example.org/absent"\n)\n\n'
    "func Run(all map[string][]shop.Shape) int {\n"
    '\tabsent.Area(nil)\n\treturn all["x"][0].Area() + shop.Two(1, 2)\n}\n'
)
FILES = {"shop/shop.go": SHOP, "app/app.go": APP}
CONFIGS = {"go.mod": "module example.org/shop\n\ngo 1.17\n"}


@pytest.fixture
def make_tree(tmp_path):
    """Write texts by path into a folder of their own."""

    def make(texts, configs=CONFIGS):
        folder = tmp_path.resolve() / "tree"
        folder.mkdir()
        return tree_of(texts, "go", folder, configs)

    return make


@pytest.fixture
def engine(tmp_path, bubblewrap):
    """The gopls of this machine, in a sandbox."""
    if not shutil.which("gopls") or not shutil.which("go"):
        pytest.skip("gopls and go are not on the PATH")
    found = FoundPrograms(search_path=os.environ["PATH"])
    engines = choose_engines("found", tmp_path, lambda: bubblewrap, found, Engines())
    (engine,) = engines.of("go")
    return engine


def test_places_are_characters_of_the_tree(make_tree, engine):
    with name_server(make_tree(FILES), engine, Engines()) as server:
        for path in FILES:
            server.open(path)
        area = Location("shop/shop.go", SHOP.index("Area"), 3)
        assert server.definition("app/app.go", APP.rindex("Area")) == (area,)
        assert server.definition("app/app.go", APP.index("Area")) == ()
        edits = server.rename("shop/shop.go", SHOP.index("Two"), "Sum")
        places = {(path, each.start) for path, changes in edits.items() for each in changes}
        assert places == {("shop/shop.go", SHOP.index("Two")), ("app/app.go", APP.index("Two"))}


def test_what_does_not_fit_is_said_with_its_name(make_tree, engine):
    shop = SHOP.replace("Area", "Surface").replace("Two(a, b int)", "Two(a int)")
    tree = make_tree({"shop/shop.go": shop.replace("+ b", ""), "app/app.go": APP})
    told = check(tree, (), engine)
    places = [("app/app.go", 10, "Area"), ("app/app.go", 10, "Two")]
    assert sorted((each.path, each.line, each.name) for each in told) == places
    assert check(tree, ("shop/shop.go",), engine) == []


REQUIRES = "require (\n\texample.org/absent v1.2.3 // indirect\n\texample.org/Other v0.1.0\n)\n"


def test_a_module_that_requires_what_was_not_downloaded_is_read(make_tree, engine):
    configs = {"go.mod": CONFIGS["go.mod"] + REQUIRES, "go.sum": "example.org/absent v1 h1:x\n"}
    with name_server(make_tree(FILES, configs), engine, Engines()) as server:
        server.open("app/app.go")
        area = Location("shop/shop.go", SHOP.index("Area"), 3)
        assert server.definition("app/app.go", APP.rindex("Area")) == (area,)


def test_what_was_downloaded_is_required(make_tree, tmp_path):
    cache = tmp_path / "mod" / "cache" / "download" / "example.org"
    found = FoundPrograms(
        search_path=str(programs(tmp_path)), variables={"GOMODCACHE": str(tmp_path / "mod")}
    )
    tree = make_tree(FILES, {"go.mod": CONFIGS["go.mod"] + REQUIRES, "go.sum": "x"})
    for name in ("absent/@v/v1.2.3.mod", "!other/@v/v0.1.0.mod"):
        (engine,) = golang(tmp_path / "project", found, NoSandbox())
        assert engine.build_files(tree) == {
            "go.mod": CONFIGS["go.mod"].replace("\n\n", "\n"),
            "go.sum": "",
        }
        (cache / name).parent.mkdir(parents=True)
        (cache / name).touch()
    (engine,) = golang(tmp_path / "project", found, NoSandbox())
    assert engine.build_files(tree) == {}


def test_a_tool_that_a_module_names_is_not_run(make_tree, engine, tmp_path):
    go = 'package shop\n\n//go:generate touch made\n\n// #cgo LDFLAGS: -lm\nimport "C"\n'
    tree = make_tree({**FILES, "shop/made.go": go})
    check(tree, (), engine)
    assert not list(tree.folder.rglob("made"))
    assert engine.variables["CGO_ENABLED"] == "0"


# ------------------------------------------------------------------------------- its words


@pytest.mark.parametrize(
    ("message", "rule", "name"),
    [
        ("undeclared name: total", "undefined-name", "total"),
        ("undefined: total", "undefined-name", "total"),
        ("undefined: shop.Total", "undefined-import", "Total"),
        ("Total not declared by package shop", "undefined-import", "Total"),
        ("name total not exported by package shop", "undefined-import", "total"),
        ("c.Total undefined (type *shop.Cart has no field or method Total)", "missing-member",
         "Total"),
        ("f(c.a).Total undefined (type shop.Cart has no field or method Total, but does have Sum)",
         "missing-member", "Total"),
        ("unknown field Wide in struct literal of type shop.Box", "missing-member", "Wide"),
        ("not enough arguments in call to shop.Two", "argument-count", "Two"),
        ("too many arguments in call to c.lines[0].Fill", "argument-count", "Fill"),
        ("could not import example.org/absent (no required module)", None, None),
        ("cannot use 1 (untyped int constant) as string value", None, None),
    ],
)  # fmt: skip
def test_messages_of_old_and_new_ones_are_read(make_tree, tmp_path, message, rule, name):
    tree = make_tree(FILES)
    found = FoundPrograms(search_path=str(programs(tmp_path)))
    (engine,) = golang(tmp_path, found, NoSandbox())
    output = f"{tree.folder}/app/app.go:3:7-9: {message}\n\thave (number)\n2026/01/01 Error: x\n"
    told = [(each.path, each.line, each.rule, each.name)
            for each in engine.read(output.encode(), tree)]  # fmt: skip
    assert told == ([("app/app.go", 3, rule, name)] if rule else [])


# ------------------------------------------------------------------------------- where it is


def programs(folder, names=("gopls", "go")):
    """Lay out programs, and return the folder that they are in."""
    for name in names:
        (folder / "go1" / "bin").mkdir(parents=True, exist_ok=True)
        (folder / "go1" / "bin" / name).write_text("#!/bin/sh\n")
        (folder / "go1" / "bin" / name).chmod(0o755)
    return folder / "go1" / "bin"


def chosen(folder, search_path, choice="found", sandbox=None, **variables):
    found = FoundPrograms(search_path=str(search_path), variables=variables)
    return choose_engines(choice, folder, lambda: sandbox, found, Engines())


def test_what_is_lacking_is_named(tmp_path):
    lacks = [
        chosen(tmp_path, programs(tmp_path / "a", names) if names else "").lacks.get("go")
        for names in ((), ("gopls",))
    ]
    assert lacks == ["gopls and go not on the PATH", "go not on the PATH"]
    engines = chosen(tmp_path, programs(tmp_path / "b"))
    assert engines.of("go") == []
    assert "no sandbox" in engines.notices[0]
    assert chosen(tmp_path, programs(tmp_path / "b"), "own", NoSandbox()).of("go") == []


def test_a_sandbox_shows_the_toolchain_and_the_modules_alone(tmp_path):
    folder = programs(tmp_path)
    (tmp_path / "mod" / "cache" / "download").mkdir(parents=True)
    variables = {"HOME": str(tmp_path), "GOMODCACHE": str(tmp_path / "mod")}

    def shown():
        (found,) = chosen(tmp_path / "project", folder, sandbox=NoSandbox(), **variables).of("go")
        assert found.variables["PATH"] == str(folder)
        assert all(each.source == each.target for each in found.binds)
        return {each.source for each in found.binds}

    gopls, modules = folder / "gopls", tmp_path / "mod"
    assert shown() == {gopls, modules}  # no toolchain is there: its folder may be the user's home
    (tmp_path / "go1" / "src" / "runtime").mkdir(parents=True)
    (tmp_path / "go1" / "VERSION").touch()
    assert shown() == {gopls, modules, tmp_path / "go1"}
    (tmp_path / "cache" / "download").mkdir(parents=True)
    variables["GOMODCACHE"] = str(tmp_path)
    assert shown() == {gopls, tmp_path / "go1"}


def test_a_gopls_of_the_project_is_not_asked(tmp_path):
    from codeorch.hardening import trusted_search_path

    (tmp_path / ".git").mkdir()
    path = trusted_search_path(str(programs(tmp_path)), tmp_path)
    assert Path(path) == Path()
    assert chosen(tmp_path, path, sandbox=NoSandbox()).of("go") == []
