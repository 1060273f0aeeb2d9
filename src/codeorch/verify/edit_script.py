"""A short Python function, written by a model, over the texts of files: in the sandbox alone.

It gets a path and a text and gives the new text. It sees no network, no environment and no file
but its own input; what it prints goes nowhere.
"""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from codeorch.domain import ScriptResult
from codeorch.errors import ServiceError
from codeorch.sandbox import (
    Bind,
    ProcessResult,
    ResourceLimits,
    Sandbox,
    SandboxSpec,
    read_written,
    scratch_folder,
)
from codeorch.verify.interpreter import Python

_LIMITS = ResourceLimits(
    time_s=60.0, output_bytes=1 << 20, log_bytes=8 << 10, memory_bytes=1 << 30, processes=16,
    file_bytes=64 << 20,
)  # fmt: skip
_LONGEST_REASON = 300  # characters
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_INPUT, _OUTPUT, _CODE, _DRIVER = "input.json", "output.json", "script.py", "driver.py"
# Runs in the sandbox, on whatever Python runs us.
_PROGRAM = f"""\
import json, sys
sys.stdout = sys.stderr
texts = json.load(open({_INPUT!r}, encoding="utf-8"))
space, results = {{"__name__": "script"}}, {{}}
exec(compile(open({_CODE!r}, encoding="utf-8").read(), {_CODE!r}, "exec"), space)
for path, text in texts.items():
    try:
        new = space["edit"](path, text)
        if not isinstance(new, str):
            raise TypeError(f"edit gave {{type(new).__name__}}, not a text")
        results[path] = [new, ""]
    except BaseException as error:
        results[path] = ["", f"{{type(error).__name__}}: {{error}}"]
json.dump(results, open({_OUTPUT!r}, "w", encoding="utf-8"))
"""


def run_edit_script(
    code: str, texts: Mapping[str, str], sandbox: Sandbox
) -> Mapping[str, ScriptResult]:
    """Return what a script makes of each text, by path; nothing is raised for a bad script."""
    python = Python(program=Path(sys.executable), reason="")
    binds = () if sandbox.has_own_programs else tuple(
        Bind(source=path, target=path) for path in python.folders()
    )  # fmt: skip
    with scratch_folder("script") as folder:
        raw = json.dumps(dict(texts), ensure_ascii=False)
        for file, text in ((_INPUT, raw), (_CODE, code), (_DRIVER, _PROGRAM)):
            (folder / file).write_bytes(text.encode("utf-8", "surrogatepass"))
        program = "python3" if sandbox.has_own_programs else sys.executable
        spec = SandboxSpec(folder=folder, binds=binds, env={"PATH": "/usr/bin:/bin"})
        try:
            ended = sandbox.run((program, "-I", "-S", _DRIVER), spec, _LIMITS)
        except ServiceError as error:
            return dict.fromkeys(texts, ScriptResult(error=str(error)))
        raw_results = read_written(folder / _OUTPUT, _LIMITS.file_bytes)
    if raw_results is None:
        return dict.fromkeys(texts, ScriptResult(error=_reason(ended)))
    try:
        rows = json.loads(raw_results)
    except (ValueError, RecursionError):
        rows = None
    if not isinstance(rows, dict):  # a script can write what it likes, and end before we do
        return dict.fromkeys(texts, ScriptResult(error="it wrote over its own results"))
    return {path: _result(rows.get(path)) for path in texts}


def _reason(ended: ProcessResult) -> str:
    """Say why a script gave nothing: never empty."""
    if ended.stopped_by:
        return f"it passed the limit of {ended.stopped_by}"
    last = ended.log.strip().splitlines()[-1:]
    return (last[0] if last else f"it ended with exit code {ended.exit_code}")[:_LONGEST_REASON]


def _result(row: object) -> ScriptResult:
    match row:
        case [str(text), ""] if not _LONE_SURROGATE.search(text):
            return ScriptResult(text=text)
        case [str(), ""]:
            return ScriptResult(error="the new text holds half of a surrogate pair")
        case [_, str(error)] if error:
            return ScriptResult(error=_LONE_SURROGATE.sub("?", error[:_LONGEST_REASON]))
        case _:
            return ScriptResult(error="the script gave no result for this file")
