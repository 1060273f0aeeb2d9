"""Python sources -> whether they compile, tried in a process of its own; nothing of them is run."""

import re
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from codeorch.domain import SourceFile
from codeorch.sandbox import HelperProcess
from codeorch.verify.project import Project

_CPU_S = 20  # for one file; a megabyte takes two or three
_MEMORY = 1 << 30  # bytes
# The bytes are compiled, so that a declared encoding counts. Whatever is raised is the file's.
_PROGRAM = """
import warnings
warnings.simplefilter("ignore")
def answer(question):
    try:
        compile(question, "<file>", "exec", dont_inherit=True)
        return b""
    except SyntaxError as error:
        text = "line %s: %s" % (error.lineno, error.msg)
    except BaseException as error:
        text = "%s: %s" % (type(error).__name__, error)
    return text[:300].encode("utf-8", "replace")
"""
_CRASH = "the compiler crashes on it, or takes too long: is something nested too deeply?"
_LEAST_MINOR = re.compile(r"(?:>=?|~=|==)\s*3\.(\d+)")


class PythonCompiler:
    """Compiles sources, all of a run in one process; each content once."""

    version = f"{sys.version_info.major}.{sys.version_info.minor}"

    def __init__(self) -> None:
        self._process = HelperProcess(_PROGRAM, cpu_s=_CPU_S, memory_bytes=_MEMORY)
        self._faults: dict[bytes, str] = {}

    def __call__(self, source: bytes) -> str:
        """Return why a source does not compile, `line 3: invalid syntax`; empty if it does."""
        key = sha256(source).digest()
        if key not in self._faults:
            answer = self._process.ask(source)
            self._faults[key] = _CRASH if answer is None else answer.decode("utf-8", "replace")
        return self._faults[key]

    def close(self) -> None:
        """End the process."""
        self._process.close()


def needs_newer_python(files: Mapping[str, SourceFile]) -> bool:
    """Return whether a project says that it is for later versions of Python than this one."""
    project = Project(files=files, folder=Path())
    table = project.toml("pyproject.toml").get("project", {})
    required = table.get("requires-python", "") if isinstance(table, dict) else ""
    config = project.ini("setup.cfg")
    required = required or config.get("options", "python_requires", fallback="")
    minors = [int(minor) for minor in _LEAST_MINOR.findall(str(required))]
    return bool(minors) and max(minors) > sys.version_info.minor
