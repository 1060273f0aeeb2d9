"""Notes which lines of a few files run, in whatever Python process of the tests it is loaded.

This text is handed to the project's own interpreter as its `sitecustomize`; the interpreter may be
older than ours and has nothing of ours. What is noted goes to a file at once, a line each, so that
it is there however a process ends. From Python 3.12 on `sys.monitoring` (PEP 669) tells, and costs
nothing once a line was seen. Before, the statements in question get a call in front of them when
their module is imported.
"""

import os
import sys

_OPEN, _WRITE, _CLOSE, _REALPATH = os.open, os.write, os.close, os.path.realpath
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT
_FOLDER = os.environ.get("CODEORCH_LINES", "")
_HIT, _OPEN_PROBES = "__codeorch_hit__", "__codeorch_open_probes__"


def _note(text):  # type: ignore[no-untyped-def]
    try:
        file = _OPEN(_FOLDER + "/lines", _FLAGS, 0o666)
    except OSError:
        return
    try:
        _WRITE(file, (text + "\n").encode())
    finally:
        _CLOSE(file)


def _wanted():  # type: ignore[no-untyped-def]
    """Return the number and the lines of each file, by its real path."""
    with open(_FOLDER + "/files", encoding="utf-8", errors="surrogateescape") as file:  # noqa: PTH123 - old
        rows = [line.rstrip("\n").split("\t") for line in file]
    return {
        _REALPATH(path): (number, frozenset(map(int, lines.split(","))))
        for number, (path, lines) in enumerate(rows)
    }


class _Files:
    """The files in question by the names that code objects have."""

    def __init__(self, files):  # type: ignore[no-untyped-def]
        self.files = files
        self.known = {}  # type: ignore[var-annotated]

    def number_of(self, name):  # type: ignore[no-untyped-def]
        if name not in self.known:
            try:
                row = self.files.get(_REALPATH(name))
            except Exception:  # noqa: BLE001 - a test may have put anything in the place of os
                return None
            self.known[name] = None if row is None else row[0]
        return self.known[name]


def _monitor(files):  # type: ignore[no-untyped-def]
    """Note lines by sys.monitoring."""
    monitoring = sys.monitoring
    tool = next(n for n in (4, 3, 5, 0) if monitoring.get_tool(n) is None)
    monitoring.use_tool_id(tool, "codeorch")
    events, disable = monitoring.events, monitoring.DISABLE
    names = _Files(files)

    def on_start(code, _offset):  # type: ignore[no-untyped-def]
        try:
            if names.number_of(code.co_filename) is not None:
                monitoring.set_local_events(tool, code, events.LINE)
        except Exception:  # noqa: BLE001, S110 - whatever it is, the tests must not see it
            pass
        return disable

    def on_line(code, line):  # type: ignore[no-untyped-def]
        try:
            _note("%d:%d" % (names.number_of(code.co_filename), line))
        except Exception:  # noqa: BLE001, S110 - as above
            pass
        return disable

    monitoring.register_callback(tool, events.PY_START, on_start)
    monitoring.register_callback(tool, events.LINE, on_line)
    monitoring.set_events(tool, events.PY_START)
    _note("monitoring")


def _instrument(files):  # type: ignore[no-untyped-def]
    """Note statements by calls in front of them, put there when a module is imported."""
    import ast  # noqa: PLC0415 - for old versions alone
    import builtins  # noqa: PLC0415
    from importlib.machinery import SourceFileLoader  # noqa: PLC0415

    plain = SourceFileLoader.get_code
    places = []  # number and line of each probe
    open_probes = []  # whether a probe waits for its first hit: quick to look at

    def hit(probe):  # type: ignore[no-untyped-def]
        if open_probes[probe]:
            open_probes[probe] = False
            _note("%d:%d" % places[probe])

    def parts(number, line):  # type: ignore[no-untyped-def]
        """Return the condition and the call of a new probe."""
        places.append((number, line))
        open_probes.append(True)
        index = ast.Constant(len(places) - 1)
        place = index if sys.version_info >= (3, 9) else ast.Index(index)
        waits = ast.Subscript(ast.Name(_OPEN_PROBES, ast.Load()), place, ast.Load())
        return waits, ast.Call(ast.Name(_HIT, ast.Load()), [index], [])

    def statement(number, line, node):  # type: ignore[no-untyped-def]
        waits, call = parts(number, line)
        return ast.copy_location(ast.If(waits, [ast.copy_location(ast.Expr(call), node)], []), node)

    def extend(body, number, lines):  # type: ignore[no-untyped-def]
        new = []
        for node in body:
            # Which cases are tried is not seen: they count as soon as their statement runs.
            heads = [case.pattern.lineno for case in getattr(node, "cases", ())]
            marks = [line for line in (node.lineno, *heads) if line in lines]
            new += [statement(number, line, node) for line in marks]
            new.append(node)
        body[:] = new

    def open_handler(node, number):  # type: ignore[no-untyped-def]
        if node.type is None:
            node.body.insert(0, statement(number, node.lineno, node.body[0]))
        else:  # it is tried as soon as its types are looked at; a hit is None
            waits, call = parts(number, node.lineno)
            noted = ast.BoolOp(ast.And(), [waits, call])
            node.type = ast.copy_location(ast.BoolOp(ast.Or(), [noted, node.type]), node.type)

    def get_code(self, fullname):  # type: ignore[no-untyped-def]
        row = files.get(_REALPATH(self.path))
        if row is None:
            return plain(self, fullname)
        number, lines = row
        tree = ast.parse(self.get_data(self.path), self.path)
        for node in list(ast.walk(tree)):
            for name in ("body", "orelse", "finalbody"):
                body = getattr(node, name, None)
                if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
                    extend(body, number, lines)
            if isinstance(node, ast.ExceptHandler) and node.lineno in lines:
                open_handler(node, number)
        _note("imported:%d" % number)
        code = compile(ast.fix_missing_locations(tree), self.path, "exec", dont_inherit=True)
        setattr(builtins, _HIT, hit)
        setattr(builtins, _OPEN_PROBES, open_probes)
        return code

    SourceFileLoader.get_code = get_code
    for number, path in _scripts(files):
        _note("script:%d %s" % (number, path))
    _note("instrumenting")


def _scripts(files):  # type: ignore[no-untyped-def]
    """Yield the files that are run as this process's script, which no loader reads."""
    try:
        with open("/proc/self/cmdline", encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - old
            words = file.read().split("\0")
    except OSError:
        words = list(getattr(sys, "orig_argv", ()))
    for word in words[1:]:
        row = files.get(_REALPATH(word)) if word else None
        if row is not None:
            yield row[0], word


def _begin():  # type: ignore[no-untyped-def]
    if not _FOLDER:
        return
    try:
        files = _wanted()
        if sys.version_info >= (3, 12):
            _monitor(files)
        elif sys.version_info >= (3, 8):
            _instrument(files)
        else:
            _note("unable")
    except Exception:  # noqa: BLE001 - then nothing can be told
        _note("unable")


def _give_way():  # type: ignore[no-untyped-def]
    """Import the environment's own module of this name, if it has one."""
    here = os.path.dirname(__file__)  # noqa: PTH120 - old
    sys.path[:] = [path for path in sys.path if path != here]
    ours = sys.modules.pop("sitecustomize", None)
    try:
        import sitecustomize  # noqa: F401, PLC0415
    except ImportError as error:
        if error.name != "sitecustomize":
            raise
        if ours is not None:
            sys.modules["sitecustomize"] = ours


_begin()
_give_way()
