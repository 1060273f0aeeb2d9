"""The project's own TypeScript: what its server and its compiler say, and what it cannot do."""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from codeorch.engines import Engines, FoundPrograms, Question, Spot, ask, check, choose_engines
from codeorch.engines.checkers import Checker
from codeorch.engines.name_server import name_server
from codeorch.engines.rules import TYPESCRIPT_RULES
from codeorch.engines.selection import Program
from codeorch.engines.source_tree import tree_of
from codeorch.engines.text_positions import Location
from codeorch.engines.typescript_output import diagnostics
from codeorch.errors import ServiceError

SHAPES = (
    "export interface Shape { area(): number; }\n"
    "export class Box implements Shape { area() { return 1; } }\n"
    "export const shapes = (): Shape[] => [new Box()];\n"
    "export function two(first: number, second: number) { return first + second; }\n"
)
USE = (
    "import { shapes } from './shapes';\n"
    "import { size } from '@shop/size';\n"
    "const note = '\u2028😀', first = shapes().map((each) => each.area());\n"
    "export const area = { area: first, size };\n"
)
FILES = {"shapes.ts": SHAPES, "use.ts": USE, "sizes/src/index.ts": "export const size = 3;\n"}
CONFIGS = {"sizes/package.json": '{"name": "@shop/size"}'}


@pytest.fixture
def make_tree(tmp_path):
    """Write texts by path into a folder of their own."""

    def make(texts):
        folder = tmp_path.resolve() / "tree"
        folder.mkdir()
        return tree_of(texts, "ecmascript", folder, CONFIGS)

    return make


@pytest.fixture
def engine(tmp_path, any_typescript, bubblewrap):
    """The TypeScript of a project, in a sandbox."""
    root = any_typescript(tmp_path / "project")
    return found_in(root, bubblewrap)


def found_in(root, sandbox):
    found = FoundPrograms(search_path=os.environ["PATH"])
    engines = choose_engines("found", root, lambda: sandbox, found, Engines())
    (found,) = engines.of("ecmascript")
    return found


def serve(tree, engine, time_limit_s=60.0):
    return name_server(tree, engine, Engines(time_limit_s=time_limit_s))


def test_places_are_characters_of_the_tree(make_tree, engine):
    with serve(make_tree(FILES), engine) as server:
        at = USE.index("area")
        assert server.definition("use.ts", at) == (Location("shapes.ts", SHAPES.index("area"), 1),)
        size = ("sizes/src/index.ts", 13)
        assert [each[:2] for each in server.definition("use.ts", USE.index("size"))] == [size]
        assert {each.path for each in server.definition("use.ts", USE.index("map"))} == {""}
        edits = server.rename("shapes.ts", SHAPES.index("area"), "surface")
        places = {(path, each.start) for path, changes in edits.items() for each in changes}
        assert places == {
            ("shapes.ts", SHAPES.index("area")), ("shapes.ts", SHAPES.rindex("area")),
            ("use.ts", at),
        }  # fmt: skip
        texts = {each.text for each in server.rename("use.ts", USE.index("size"), "s")["use.ts"]}
        assert texts == {"size as s", "size: s"}


@pytest.mark.parametrize(
    ("change", "places"),
    [
        ({"shapes.ts": SHAPES.replace("area", "surface")}, [("use.ts", 3, "area")]),
        ({"shapes.ts": SHAPES.replace("shapes", "all")}, [("use.ts", 1, "shapes")]),
        ({"sizes/src/index.ts": "export {};\n"}, [("use.ts", 2, "size")]),
        ({"call.ts": "import { two } from './shapes';\ntwo(two(1, (2), 3),);\n"},
         [("call.ts", 2, "two"), ("call.ts", 2, "two")]),
        ({"call.js": "const shapes = require('./shapes');\nshapes.three();\nabsent();\n"},
         [("call.js", 2, "three"), ("call.js", 3, "absent")]),
        ({"call.ts": "import 'react';\nimport { a } from 'react';\nimport b from './gone';\n"
          "a.b(b.c);\n"}, [("call.ts", 3, "gone")]),
        ({"broken.ts": "export const = ;\n", "call.ts": "absent();\n"}, [("call.ts", 1, "absent")]),
    ],
    ids=["method", "export", "package", "calls", "javascript", "absent", "broken"],
)  # fmt: skip
def test_what_does_not_fit_is_said_with_its_name(make_tree, tmp_path, landlock, request, change,
                                                 places, install_typescript):  # fmt: skip
    version = "7" if "broken" in request.node.name or "calls" in request.node.name else "5"
    engine = found_in(install_typescript(tmp_path / "project", version), landlock)
    told = check(make_tree({**FILES, **change}), (), engine)
    assert [(each.path, each.line, each.name) for each in told] == places
    assert all(each.rule in TYPESCRIPT_RULES and str(tmp_path) not in each.message for each in told)


# ------------------------------------------------------------------------------- one that lies

OUTSIDE = """
const fs = require('fs'), net = require('net'), path = require('path');
const told = [];
for (const target of [%(outside)s, '/etc/passwd', __filename]) {
  try { fs.appendFileSync(target, 'taken'); } catch {}
}
try { told.push(fs.readFileSync(%(outside)s, 'utf8')); } catch {}
told.splice(0, told.length, ...told.filter((text) => text !== 'taken'));  // of a /tmp of its own
told.push(...Object.values(process.env).filter((value) => value.includes('sk-')));
try { fs.unlinkSync('tsconfig.json'); fs.symlinkSync(%(outside)s, 'tsconfig.json'); } catch {}
"""
LIES = """
const here = process.cwd();
let rest = '';
process.stdin.on('data', (data) => {
  const lines = (rest + data).split('\\n');
  rest = lines.pop();
  for (const request of lines.map((line) => JSON.parse(line))) {
    const at = (line, offset) => ({line, offset});
    const place = (end) => ({start: at(1, 1), end: at(1, end), prefixText: '', suffixText: ''});
    const body = request.command === 'rename'
      ? {locs: [{file: here + '/use.ts', locs: [
          {...place(7)}, {...place(2), prefixText: told.join(' ')}, {...place(1)},
        ]}, {file: %(outside)s, locs: [place(2)]}, {file: '../use.ts', locs: [place(2)]}]}
      : [{file: here + '/shapes.ts', start: at(1, 26), end: at(1, 30)}];
    if (request.command === 'open') continue;
    const json = JSON.stringify({
      seq: 0, type: 'response', request_seq: request.seq, success: true, body,
    });
    process.stdout.write(`Content-Length: ${Buffer.byteLength(json)}\\r\\n\\r\\n${json}`);
  }
});
"""


def test_a_false_typescript_reads_and_writes_nothing_outside(
    tmp_path, make_tree, safe_sandbox, monkeypatch, install_typescript
):
    secret = tmp_path / "secret.txt"
    secret.write_text("sk-secret")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-key")
    root = install_typescript(tmp_path / "project", "5")
    folder = root / "node_modules" / "typescript" / "lib"
    outside = {"outside": json.dumps(str(secret))}
    for name, script in {"tsserver.js": OUTSIDE + LIES, "tsc.js": OUTSIDE}.items():
        (folder / name).unlink()
        (folder / name).write_text(script % outside)
    (folder / "tsc.js").write_text(
        OUTSIDE % outside
        + "told.forEach((each) => console.log(`use.ts(1,1): error TS2304: ${each}`))"
    )
    engine = found_in(root, safe_sandbox)
    tree = make_tree(FILES)
    family = (Spot("shapes.ts", SHAPES.index("area")),)
    question = Question(
        old="area", new="surface", family=family, ours=set(family),
        spots=[Spot("use.ts", USE.index("area"))],
    )  # fmt: skip
    opinion = ask(tree, engine, question, Engines(time_limit_s=60.0))
    assert opinion.failure == ""
    assert opinion.edits == {}  # of places where the old word is not, and of files that are not
    assert check(tree, (), engine) == []
    assert check(tree, (), engine) == []
    assert secret.read_text() == "sk-secret"
    assert "taken" not in (folder / "tsc.js").read_text().replace("'taken'", "")


def test_a_false_typescript_removes_nothing_outside(
    tmp_path, make_tree, safe_sandbox, install_typescript
):
    root = install_typescript(tmp_path / "project", "5")
    mine = tmp_path / "mine"
    (mine / "src").mkdir(parents=True)
    (mine / "src" / "index.ts").write_text("mine")
    script = root / "node_modules" / "typescript" / "lib" / "tsc.js"
    script.unlink()
    script.write_text(
        "const fs = require('fs');\n"
        "if (!fs.lstatSync('sizes').isSymbolicLink()) {\n"
        "  fs.rmSync('sizes', {recursive: true});\n"
        f"  fs.symlinkSync({json.dumps(str(mine))}, 'sizes');\n"
        "}\nconsole.log('sizes/src/index.ts(1,1): error TS1005: expected.');\n"
    )
    tree = make_tree(FILES)
    with pytest.raises(ServiceError, match=r"cannot read sizes/src/index\.ts"):
        check(tree, (), found_in(root, safe_sandbox))
    assert (tree.folder / "sizes").is_symlink()  # or nothing was tried
    assert (mine / "src" / "index.ts").read_text() == "mine"


@pytest.mark.parametrize("line", [
    "error TS2688: Cannot find type definition file for 'x'.",
    "tsconfig.json(1,2): error TS5023: Unknown compiler option 'x'.",
])  # fmt: skip
def test_a_compiler_that_refuses_its_configuration_says_nothing(make_tree, line):
    output = f"{line}\nuse.ts(1,1): error TS2304: Cannot find name 'x'.\n"
    with pytest.raises(ValueError, match="error TS"):
        list(diagnostics(output.encode(), make_tree(FILES)))


SERVER = """
def send(message, size=None):
    body = json.dumps(message).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\\r\\n\\r\\n" % (size or len(body)) + body)
    sys.stdout.buffer.flush()
def read():
    message = json.loads(sys.stdin.buffer.readline() or sys.exit(0))
    return read() if message["command"] in ("open", "exit") else message["seq"]
def reply(body, **more):
    send({"type": "response", "request_seq": read(), "success": True, "body": body, **more})
def start():
    reply(None)
here = os.getcwd()
"""


@pytest.fixture
def toy(tmp_path):
    """Make an engine that is called like tsserver, but is a script of the test."""

    def make(script):
        (tmp_path / "project").mkdir()
        path = tmp_path / "engine"
        path.write_text(f"#!{sys.executable}\nimport json, os, sys, time\n{SERVER}{script}")
        path.chmod(0o755)
        program = Program(name="toy", path=path, version="5.9.3")
        return replace(TOY, program=program)

    return make


TOY = Checker(
    program=Program(name="toy", path=Path("/none"), version="5"),
    family="ecmascript",
    server=(),
    protocol="tsserver",
    configuration_file="tsconfig.json",
    configuration=lambda _tree, _environment: "{}",
)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("time.sleep(600)", "in time|of time"),
        ("start()\nwhile True: read()", "in time|of time"),
        ("start()\nos.kill(os.getpid(), 9)", "has ended"),
        ("start()\nif os.fork(): time.sleep(600)\ntime.sleep(600)", "in time|of time"),
        ("start()\nread()\nsend({}, size=1 << 40)\ntime.sleep(9)", "too long"),
        ("start()\nread()\nprint('garbage' * 9999, flush=True)\ntime.sleep(9)", "no message"),
        ("start()\nwhile True: send({'type': 'event', 'event': 'x' * 9999})", "limit of|in time"),
        ("start()\nreply([{'file': 7}])\nread()", "cannot be read"),
        ("start()\nreply([{'file': here + '/use.ts', 'start': 1}])\nread()", "cannot be read"),
        ("start()\nreply([{'file': here + '/use.ts', 'start': {'line': 99, 'offset': 1}}])\nread()",
         "cannot be read"),
        ("start()\nreply([{'file': here + '/use.ts', 'start': {'line': 0, 'offset': 0}}])\nread()",
         "cannot be read"),
    ],
)  # fmt: skip
def test_a_server_that_fails_loses_its_voice(make_tree, toy, script, words):
    limit_s = 1.5 if "time" in words else 60.0
    with (
        pytest.raises(ServiceError, match=words) as error,
        serve(make_tree(FILES), toy(script), limit_s) as server,
    ):
        server.definition("use.ts", 0)
    assert (error.value.kind, str(error.value).split()[0]) == ("engine", "toy")


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ("None, success=False, message='No content available.'", ()),
        ("'here'", ()),
        ("[{'file': '/etc/passwd', 'start': 1}]", (Location("", -1, 0),)),
        ("[{'file': here + '/../use.ts', 'start': 1}]", (Location("", -1, 0),)),
        ("[{'file': here + '/use.ts', 'start': {'line': 2, 'offset': 3}}]",
         (Location("use.ts", USE.index("\n") + 3, 2),)),
    ],
)  # fmt: skip
def test_a_place_is_of_the_tree_or_outside(make_tree, toy, body, answer):
    with serve(make_tree(FILES), toy(f"start()\nreply({body})\nread()")) as server:
        assert server.definition("use.ts", 0) == answer


@pytest.mark.parametrize("body", ["{'info': {'canRename': False}}", "{'locs': 3}", "[]", "None"])
def test_a_rename_that_is_refused_is_no_edit(make_tree, toy, body):
    with serve(make_tree(FILES), toy(f"start()\nreply({body})\nread()")) as server:
        assert server.rename("use.ts", 0, "x") == {}
