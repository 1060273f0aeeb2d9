"""Command, SandboxSpec -> what it printed and how it ended; nothing else gets out.

sandbox = choose_sandbox(variables, root)
spec = SandboxSpec(folder=Path("checkout"), env={"PATH": "/usr/bin"})
result = sandbox.run(("pytest", "-q"), spec, Limits(time_s=60))
result.exit_code, result.log
"""

from codeorch.sandbox.helper_process import HelperProcess
from codeorch.sandbox.landlock_sandbox import NoSandbox
from codeorch.sandbox.process import in_background
from codeorch.sandbox.scratch import remove_tree, scratch_folder
from codeorch.sandbox.selection import choose_sandbox
from codeorch.sandbox.spec import Bind, Pipes, ProcessResult, ResourceLimits, Sandbox, SandboxSpec
from codeorch.sandbox.written_file import read_written, remove_written

__all__ = [
    "Bind",
    "HelperProcess",
    "NoSandbox",
    "Pipes",
    "ProcessResult",
    "ResourceLimits",
    "Sandbox",
    "SandboxSpec",
    "choose_sandbox",
    "in_background",
    "read_written",
    "remove_tree",
    "remove_written",
    "scratch_folder",
]
