"""Command, SandboxSpec -> what it printed and how it ended; nothing else gets out.

sandbox = choose_sandbox(variables)
spec = SandboxSpec(folder=Path("checkout"), env={"PATH": "/usr/bin"})
result = sandbox.run(("pytest", "-q"), spec, Limits(time_s=60))
result.exit_code, result.log
"""

from codeorch.sandbox.landlock_sandbox import NoSandbox
from codeorch.sandbox.process import in_background
from codeorch.sandbox.selection import choose_sandbox
from codeorch.sandbox.spec import Bind, Pipes, ProcessResult, ResourceLimits, Sandbox, SandboxSpec

__all__ = [
    "Bind",
    "NoSandbox",
    "Pipes",
    "ProcessResult",
    "ResourceLimits",
    "Sandbox",
    "SandboxSpec",
    "choose_sandbox",
    "in_background",
]
