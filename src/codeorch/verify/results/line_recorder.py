"""Notes which lines of a few files run, in whatever Python process of the tests it is loaded.

This text is handed to the project's own interpreter as its `sitecustomize`; the interpreter may be
older than ours and has nothing of ours. What is noted goes to a file at once, a line each, so that
it is there however a process ends. From Python 3.12 on `sys.monitoring` (PEP 669) tells, and costs
nothing once a line was seen. Before, the statements in question get a call in front of them when
their module is imported.
"""

# mypy: ignore-errors
import os
import sys

_OPEN, _WRITE, _CLOSE, _REALPATH = os.open, os.write, os.close, os.path.realpath
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT
_FOLDER = os.environ.get("CODEORCH_LINES", "")
_HIT, _OPEN_PROBES = "__codeorch_hit__", "__codeorch_open_probes__"


def _note(text):
    try:
        file = _OPEN(_FOLDER + "/lines", _FLAGS, 0o666)
    except OSError:
        return
    try:
        _WRITE(file, (text + "\n").encode())
    finally:
        _CLOSE(file)


def _wanted():
    """Return the number and the lines of each file, by its real path."""
    with open(_FOLDER + "/files", encoding="utf-8", errors="surrogateescape") as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    return {
        _REALPATH(path): (number, frozenset(map(int, lines.split(","))))
        for number, (path, lines) in enumerate(rows)
    }


class _Files:
    """The files in question by the names that code objects have."""

    def __init__(self, files):
        self.files = files
        self.known = {}

    def number_of(self, name):
        if name not in self.known:
            try:
                row = self.files.get(_REALPATH(name))
            except Exception:  # a test may have put anything in the place of os
                return None
            self.known[name] = None if row is None else row[0]
        return self.known[name]


def _monitor(files):
    """Note lines by sys.monitoring."""
    monitoring = sys.monitoring
    tool = next(n for n in (4, 3, 5, 0) if monitoring.get_tool(n) is None)
    monitoring.use_tool_id(tool, "codeorch")
    events, disable = monitoring.events, monitoring.DISABLE
    names = _Files(files)

    def on_start(code, _offset):
        try:
            if names.number_of(code.co_filename) is not None:
                monitoring.set_local_events(tool, code, events.LINE)
        except Exception:  # whatever it is, the tests must not see it
            pass
        return disable

    def on_line(code, line):
        try:
            _note("%d:%d" % (names.number_of(code.co_filename), line))
        except Exception:  # as above
            pass
        return disable

    monitoring.register_callback(tool, events.PY_START, on_start)
    monitoring.register_callback(tool, events.LINE, on_line)
    monitoring.set_events(tool, events.PY_START)
    _note("monitoring")


class _Instrument:
    """Notes statements by calls in front of them, put there when a module is imported."""

    def __init__(self, files):
        import builtins
        from importlib.machinery import SourceFileLoader

        self.files = files
        self.places = []  # number and line of each probe
        self.open_probes = []  # whether a probe waits for its first hit: quick to look at
        self.plain = plain = SourceFileLoader.get_code
        setattr(builtins, _HIT, self.hit)
        setattr(builtins, _OPEN_PROBES, self.open_probes)

        def get_code(loader, fullname):
            row = files.get(_REALPATH(loader.path))
            return plain(loader, fullname) if row is None else self.code(loader, *row)

        SourceFileLoader.get_code = get_code
        for number, path in _scripts(files):
            _note("script:%d %s" % (number, path))
        _note("instrumenting")

    def hit(self, probe):
        if self.open_probes[probe]:
            self.open_probes[probe] = False
            _note("%d:%d" % self.places[probe])

    def code(self, loader, number, lines):
        import ast

        tree = ast.parse(loader.get_data(loader.path), loader.path)
        for node in list(ast.walk(tree)):
            for name in ("body", "orelse", "finalbody"):
                body = getattr(node, name, None)
                if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
                    body[:] = self.extended(body, number, lines)
            if isinstance(node, ast.ExceptHandler) and node.lineno in lines:
                self.open_handler(node, number)
        _note("imported:%d" % number)
        return compile(ast.fix_missing_locations(tree), loader.path, "exec", dont_inherit=True)

    def parts(self, number, line):
        """Return the condition and the call of a new probe."""
        import ast

        self.places.append((number, line))
        self.open_probes.append(True)
        index = ast.Constant(len(self.places) - 1)
        place = index if sys.version_info >= (3, 9) else ast.Index(index)
        waits = ast.Subscript(ast.Name(_OPEN_PROBES, ast.Load()), place, ast.Load())
        return waits, ast.Call(ast.Name(_HIT, ast.Load()), [index], [])

    def statement(self, number, line, node):
        import ast

        waits, call = self.parts(number, line)
        return ast.copy_location(ast.If(waits, [ast.copy_location(ast.Expr(call), node)], []), node)

    def extended(self, body, number, lines):
        new = []
        for node in body:
            # Which cases are tried is not seen: they count as soon as their statement runs.
            heads = [case.pattern.lineno for case in getattr(node, "cases", ())]
            marks = [line for line in (node.lineno, *heads) if line in lines]
            new += [self.statement(number, line, node) for line in marks]
            new.append(node)
        return new

    def open_handler(self, node, number):
        import ast

        if node.type is None:
            node.body.insert(0, self.statement(number, node.lineno, node.body[0]))
        else:  # it is tried as soon as its types are looked at; a hit is None
            waits, call = self.parts(number, node.lineno)
            noted = ast.BoolOp(ast.And(), [waits, call])
            node.type = ast.copy_location(ast.BoolOp(ast.Or(), [noted, node.type]), node.type)


def _scripts(files):
    """Yield the files that are run as this process's script, which no loader reads."""
    try:
        with open("/proc/self/cmdline", encoding="utf-8", errors="replace") as file:
            words = file.read().split("\0")
    except OSError:
        words = list(getattr(sys, "orig_argv", ()))
    for word in words[1:]:
        row = files.get(_REALPATH(word)) if word else None
        if row is not None:
            yield row[0], word


def _begin():
    if not _FOLDER:
        return
    try:
        files = _wanted()
        if sys.version_info >= (3, 12):
            _monitor(files)
        elif sys.version_info >= (3, 8):
            _Instrument(files)
        else:
            _note("unable")
    except Exception:  # then nothing can be told
        _note("unable")


def _give_way():
    """Import the environment's own module of this name, if it has one."""
    here = os.path.dirname(__file__)
    sys.path[:] = [path for path in sys.path if path != here]
    ours = sys.modules.pop("sitecustomize", None)
    try:
        __import__("sitecustomize")
    except ImportError as error:
        if error.name != "sitecustomize":
            raise
        if ours is not None:
            sys.modules["sitecustomize"] = ours


_begin()
_give_way()
