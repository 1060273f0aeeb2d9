"""Files of a project -> the command that runs its tests."""

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from codeorch.languages import is_test_file, language_of
from codeorch.verify.project import Project

_PLACEHOLDER = "no test specified"  # what `npm init` writes
_JS_RUNNERS = ("vitest", "jest", "mocha", "ava", "tap")


@dataclass(frozen=True, slots=True, kw_only=True)
class TestCommand:
    """A command that runs tests. `runner` says how its results are read."""

    __test__ = False  # for pytest: this is no test class

    argv: tuple[str, ...]
    runner: str
    reason: str  # the sign in the project's files that it goes by


def find_test_command(project: Project, configured: str = "") -> TestCommand | None:
    """Return the configured command, else the one that the project's own files point to.

    None when they point to none.
    """
    if configured:
        argv = ("/bin/sh", "-c", configured)
        return TestCommand(argv=argv, runner="custom", reason="configured by the user")
    return next((command for detect in _DETECTORS if (command := detect(project))), None)


# ------------------------------------------------------------------------------- Python


def _pytest_by_config(project: Project) -> TestCommand | None:
    for reason in _pytest_signs(project):
        return _python_tests(project, "pytest", reason)
    return None


def _pytest_by_files(project: Project) -> TestCommand | None:
    for path in project.files:
        if language_of(path) == "python" and is_test_file(path):
            uses = any(
                "pytest" in file.text
                for path, file in project.files.items()
                if language_of(path) == "python"
            )
            module = "pytest" if uses or project.python().has_module("pytest") else "unittest"
            return _python_tests(project, module, f"{path} looks like tests")
    return None


def _pytest_signs(project: Project) -> Iterator[str]:
    if "pytest" in project.tools():
        yield "pyproject.toml has [tool.pytest]"
    for path in ("pytest.ini", ".pytest.ini", "pytest.toml"):
        if path in project.files:
            yield f"there is {path}"
    for path, section in (("tox.ini", "pytest"), ("setup.cfg", "tool:pytest")):
        if section in project.ini(path):
            yield f"{path} has [{section}]"
    for path in ("conftest.py", "tests/conftest.py", "test/conftest.py"):
        if path in project.files:
            yield f"there is {path}"


def _python_tests(project: Project, module: str, reason: str) -> TestCommand:
    python = project.python()
    argv = (str(python.program), "-m", module)
    return TestCommand(argv=argv, runner=module, reason=f"{reason}; with {python.reason}")


def _tox(project: Project) -> TestCommand | None:
    is_configured = any(path in project.files for path in ("tox.ini", "tox.toml"))
    if is_configured or "tox" in project.tools():
        return TestCommand(argv=("tox",), runner="tox", reason="the project configures tox")
    return None


def _nox(project: Project) -> TestCommand | None:
    if "noxfile.py" in project.files:
        argv = ("nox", "--reuse-existing-virtualenvs", "--no-install")
        return TestCommand(argv=argv, runner="nox", reason="there is noxfile.py")
    return None


# ------------------------------------------------------------------------------- JavaScript


def _javascript(project: Project) -> TestCommand | None:
    scripts = project.json("package.json").get("scripts")
    script = scripts.get("test") if isinstance(scripts, dict) else None
    if not isinstance(script, str) or not script or _PLACEHOLDER in script:
        return None
    manager = _package_manager(project)
    # `bun test` is bun's own runner, whatever the script says.
    argv = (manager, "run", "test") if manager == "bun" else (manager, "test")
    reason = f"package.json has a test script ({script})"
    return TestCommand(argv=argv, runner=_js_runner(script), reason=reason)


def _package_manager(project: Project) -> str:
    named = project.json("package.json").get("packageManager")
    if isinstance(named, str) and (name := named.partition("@")[0]) in ("npm", "pnpm", "yarn"):
        return name
    locks = {"pnpm-lock.yaml": "pnpm", "yarn.lock": "yarn", "bun.lock": "bun", "bun.lockb": "bun"}
    managers = (name for lock, name in locks.items() if (project.folder / lock).exists())
    return next(managers, "npm")


def _js_runner(script: str) -> str:
    """Name the program that the script's last command runs: it gets what is added at the end."""
    last = re.split(r"&&|\|\||;|\|", script)[-1]
    try:
        words = shlex.split(last)
    except ValueError:
        return "npm"
    for word in words:
        if word in _JS_RUNNERS:
            return word
        if word not in ("cross-env", "npx", "env") and "=" not in word:
            break
    return "npm"


# ------------------------------------------------------------------------------- the others


def _cargo(project: Project) -> TestCommand | None:
    if "Cargo.toml" not in project.files:
        return None
    workspace_flag = ("--workspace",) if "[workspace]" in project.text("Cargo.toml") else ()
    argv = ("cargo", "test", "--no-fail-fast", *workspace_flag)
    return TestCommand(argv=argv, runner="cargo", reason="there is Cargo.toml")


def _go(project: Project) -> TestCommand | None:
    if "go.mod" in project.files:
        return TestCommand(argv=("go", "test", "./..."), runner="go", reason="there is go.mod")
    return None


def _maven(project: Project) -> TestCommand | None:
    if "pom.xml" not in project.files:
        return None
    program = "./mvnw" if "mvnw" in project.files else "mvn"
    argv = (program, "--batch-mode", "--fail-at-end", "test")
    return TestCommand(argv=argv, runner="maven", reason="there is pom.xml")


def _gradle(project: Project) -> TestCommand | None:
    names = ("build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts")
    for name in names:
        if name in project.files:
            program = "./gradlew" if "gradlew" in project.files else "gradle"
            argv = (program, "--no-daemon", "--continue", "test")
            return TestCommand(argv=argv, runner="gradle", reason=f"there is {name}")
    return None


def _make(project: Project) -> TestCommand | None:
    for name in ("GNUmakefile", "makefile", "Makefile"):
        for target in ("test", "tests", "check"):
            if re.search(rf"^{target}\s*:(?!=)", project.text(name), re.MULTILINE):
                reason = f"{name} has the target {target}"
                return TestCommand(argv=("make", target), runner="make", reason=reason)
    return None


# Configured tests come before those that only look like some, and what runs tests itself before
# what builds an environment first.
_DETECTORS: tuple[Callable[[Project], TestCommand | None], ...] = (
    _pytest_by_config,
    _javascript,
    _cargo,
    _go,
    _maven,
    _gradle,
    _pytest_by_files,
    _tox,
    _nox,
    _make,
)
