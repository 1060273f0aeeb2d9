"""A server is asked for definitions and renames; one that misbehaves costs its voice alone."""

import os

import pytest

from codeorch.engines import Engines, own_checkers
from codeorch.engines.name_server import name_server
from codeorch.engines.text_positions import Location, TextPositions
from codeorch.errors import ServiceError
from codeorch.sandbox.process_tree import descendants

CHECKERS = [pytest.param(each, id=each.program.name) for each in own_checkers()]
SHOP = {
    "shop/__init__.py": "",
    "shop/cart.py": "class Cart:\n    def total(self):\n        return '😀', self.total\n",
    "app.py": "import sqlite3\nfrom shop.cart import Cart\n\n\ndef main(cart: Cart):\n"
    "    '😀', cart.total()\n    sqlite3.connect('x').total()\n    return sqlite3.connect\n",
}
SERVER = """
import pathlib
def send(message):
    body = json.dumps(message).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\\r\\n\\r\\n" % len(body) + body)
    sys.stdout.buffer.flush()
def read():
    size = 0
    while line := sys.stdin.buffer.readline().strip():
        if line.lower().startswith(b"content-length:"):
            size = int(line.split(b":")[1])
    message = json.loads(sys.stdin.buffer.read(size)) if size else sys.exit(0)
    return message if "id" in message else read()
def start():
    send({"id": read()["id"], "result": {"capabilities": {}}})
def at(uri, line=0, first=0, last=1):
    return {"uri": uri, "range": {"start": {"line": line, "character": first},
                                  "end": {"line": line, "character": last}}}
here = pathlib.Path.cwd().as_uri()
"""


def serve(tree, engine, time_limit_s=20.0):
    return name_server(tree, engine, Engines(time_limit_s=time_limit_s))


def word(path, text, nth=0):
    at = -1
    for _ in range(nth + 1):
        at = SHOP[path].index(text, at + 1)
    return path, at


@pytest.mark.parametrize("engine", CHECKERS)
def test_a_definition_is_a_place_of_the_tree_or_outside(make_tree, engine):
    with serve(make_tree(SHOP), engine) as server:
        total = Location("shop/cart.py", word("shop/cart.py", "total")[1], 2)
        assert server.definition(*word("app.py", "total")) == (total,)
        assert server.definition(*word("shop/cart.py", "total", 1)) == (total,)
        assert server.definition(*word("app.py", "total", 1)) == ()
        assert {each.path for each in server.definition(*word("app.py", "connect"))} == {""}


@pytest.mark.parametrize("engine", CHECKERS)
def test_a_rename_gives_edits_by_characters(make_tree, engine):
    with serve(make_tree(SHOP), engine) as server:
        for path in ("app.py", "shop/cart.py"):
            server.open(path)
        edits = server.rename(*word("shop/cart.py", "total"), "sum_of")
        places = {(path, each.start) for path, changes in edits.items() for each in changes}
        assert places == {
            word("app.py", "total"), word("shop/cart.py", "total"), word("shop/cart.py", "total", 1)
        }  # fmt: skip
        assert {each.text for changes in edits.values() for each in changes} == {"sum_of"}


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("time.sleep(600)", "in time"),
        ("sys.exit(3)", "has ended"),
        ("os.abort()", "has ended"),
        ("print('no message at all' * 1000, flush=True); time.sleep(9)", "no message"),
        ("print('Content-Length: 99999999999\\r\\n\\r\\n', flush=True); time.sleep(9)", "too long"),
        ("print('Content-Length: 3\\r\\n\\r\\n{]}', flush=True); time.sleep(9)", "no JSON"),
        ("print('Content-Length: 3\\r\\n\\r\\n[1]', flush=True); time.sleep(9)", "no message"),
        (SERVER + "start()\nread()\nos.kill(os.getpid(), 9)", "has ended"),
        (SERVER + "start()\nwhile True: read()", "in time|of time"),
        (SERVER + "start()\nif os.fork(): time.sleep(600)\ntime.sleep(600)", "in time|of time"),
        (SERVER + "start()\nwhile True: send({'method': 'x'})", "limit of|in time"),
    ],
)  # fmt: skip
def test_a_server_that_fails_is_ended_with_its_children(make_tree, make_engine, script, words):
    with (
        pytest.raises(ServiceError, match=words) as error,
        serve(make_tree(SHOP), make_engine(script), 1.5 if "time" in words else 60.0) as server,
    ):
        server.definition("app.py", 0)
    assert (error.value.kind, str(error.value).split()[0]) == ("engine", "toy")
    assert descendants(os.getpid()) == []


def answers(make_tree, make_engine, script, ask):
    with serve(make_tree(SHOP), make_engine(f"{SERVER}start()\n{script}")) as server:
        return ask(server)


@pytest.mark.parametrize(
    "result",
    [
        "[at('file:///etc/passwd')]",
        "[at(here + '/../app.py')]",
        "[at('https://example.org/app.py')]",
        "[at(here + '/gone.py')]",
        "[at('file://[')]",
    ],
)
def test_a_place_outside_of_the_tree_is_none_of_it(make_tree, make_engine, result):
    script = f"send({{'id': read()['id'], 'result': {result}}})\nread()"
    places = answers(make_tree, make_engine, script, lambda each: each.definition("app.py", 0))
    assert {each.path for each in places} == {""}


@pytest.mark.parametrize(
    "result",
    [
        "[at(here + '/app.py', line=99)]",
        "[at(here + '/app.py', first='x')]",
        "[at(here + '/app.py', first=-1)]",
        "[7]",
        "[{'uri': 3}]",
        "'here'",
    ],
)
def test_what_is_no_place_ends_the_conversation(make_tree, make_engine, result):
    script = f"send({{'id': read()['id'], 'result': {result}}})\nread()"
    with pytest.raises(ServiceError, match="toy sent what cannot be read"):
        answers(make_tree, make_engine, script, lambda each: each.definition("app.py", 0))


def test_edits_outside_of_the_tree_are_left_out(make_tree, make_engine):
    script = """
def edit(uri):
    return {"textDocument": {"uri": uri}, "edits": [{"range": at("")["range"], "newText": "x"}]}
files = ["file:///etc/passwd", here + "/../a.py", here + "/gone.py", here + "/app.py"]
moved = {"kind": "delete", "uri": here + "/app.py"}
send({"id": read()["id"], "result": {"documentChanges": [*map(edit, files), moved, 3]}})
read()
"""
    edits = answers(make_tree, make_engine, script, lambda each: each.rename("app.py", 0, "x"))
    assert list(edits) == ["app.py"]
    assert [(each.start, each.end, each.text) for each in edits["app.py"]] == [(0, 1, "x")]


def test_a_request_that_was_cancelled_is_asked_again(make_tree, make_engine):
    script = """
for code in (-32802, -32800):
    send({"id": read()["id"], "error": {"code": code, "message": "Request is canceled"}})
send({"id": read()["id"], "result": at(here + "/app.py", 1, 0, 3)})
read()
"""
    ask = answers(make_tree, make_engine, script, lambda each: each.definition("app.py", 0))
    assert [(each.path, each.line) for each in ask] == [("app.py", 2)]


def test_what_a_server_asks_is_answered_and_edits_are_not_served(make_tree, make_engine):
    script = """
asked = read()["id"]
send({"id": 1, "method": "workspace/configuration", "params": {"items": [{}, {}]}})
one = read()
send({"id": "two", "method": "workspace/applyEdit", "params": {}})
two = read()
good = one == {"jsonrpc": "2.0", "id": 1, "result": [None, None]} and two["id"] == "two"
good = good and two["error"]["code"] == -32601
send({"id": asked, "result": [at(here + "/app.py")] if good else None})
read()
"""
    places = answers(make_tree, make_engine, script, lambda each: each.definition("app.py", 0))
    assert [each.path for each in places] == ["app.py"]


def test_a_refused_request_is_no_answer(make_tree, make_engine):
    script = "for _ in 'ab': send({'id': read()['id'], 'error': {'code': -1, 'message': 'no'}})"
    ask = answers(make_tree, make_engine, f"{script}\nread()", lambda each: (
        each.definition("app.py", 0), each.rename("app.py", 0, "x")))  # fmt: skip
    assert ask == ((), {})


@pytest.mark.parametrize("text", ["", "a\r\nb\rc\n", "x😀y\n€😀😀z", "é\n\nabc"])
def test_positions_are_utf_16_and_come_back(text):
    positions = TextPositions(text)
    for offset in range(len(text) + 1):
        position = positions.position(offset)
        if text[offset - 1 : offset + 1] != "\r\n":
            assert positions.offset(position) == offset
    assert TextPositions("x😀y").position(2) == {"line": 0, "character": 3}
    assert TextPositions("x😀y").offset({"line": 0, "character": 2}) is None
