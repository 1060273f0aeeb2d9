"""Which Python runs a project's tests, and which folders of the machine that needs.

Nothing is run to find out: a virtual environment is a folder with a pyvenv.cfg (PEP 405), and
what is installed in editable form says so in direct_url.json (PEP 610), .pth or .egg-link files.
"""

import base64
import hashlib
import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

_VENV_NAMES = (".venv", "venv", "env", ".env")


@dataclass(frozen=True, slots=True, kw_only=True)
class Python:
    """An interpreter, by its path as called: a link's own folder decides what it imports."""

    program: Path
    reason: str  # why it is this one

    @property
    def prefix(self) -> Path:
        """The folder that holds its bin and lib."""
        return self.program.parent.parent

    def has_module(self, module: str) -> bool:
        """Return whether a module is among its installed packages."""
        return any((site / module).is_dir() for site in self.site_packages())

    def site_packages(self) -> Iterator[Path]:
        """Return the folders of its installed packages."""
        for prefix in (self.prefix, *self._base_prefix()):
            for lib in ("lib", "lib64"):
                yield from sorted(prefix.glob(f"{lib}/python3*/*-packages"))
                yield from sorted(prefix.glob(f"{lib}/python3/*-packages"))

    def folders(self) -> tuple[Path, ...]:
        """Return the folders that it reads: its own, its base's, and each on the way of links."""
        prefixes = [self.prefix]
        if home := _venv_config(self.prefix).get("home"):
            prefixes.append(Path(home).parent)
        link = self.program
        while link.is_symlink() and len(prefixes) < 16:
            link = link.parent / link.readlink()
            prefixes.append(link.parent.parent)
        prefixes.append(self.program.resolve().parent.parent)
        return tuple(dict.fromkeys(prefixes))

    def editable_sources(self) -> tuple[Path, ...]:
        """Return the source folders that are installed in place."""
        return tuple(
            dict.fromkeys(
                path for site in self.site_packages() for path in _editable_sources_in(site)
            )
        )

    def _base_prefix(self) -> Iterator[Path]:
        if _venv_config(self.prefix).get("include-system-site-packages") == "true":
            yield self.program.resolve().parent.parent


def find_python(root: Path, variables: Mapping[str, str]) -> Python:
    """Return the project's own interpreter, else the one of codeorch or of the search path."""
    for name in _VENV_NAMES:
        if (root / name / "pyvenv.cfg").is_file() and (program := _interpreter_in(root / name)):
            return Python(program=program, reason=f"the project's {name}")
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if (folder := variables.get(variable)) and (program := _interpreter_in(Path(folder))):
            return Python(program=program, reason=f"${variable}")
    for prefix, tool in _environments_of_tools(root, variables):
        if program := _interpreter_in(prefix):
            return Python(program=program, reason=f"the project's environment of {tool}")
    own = Python(program=Path(sys.executable), reason="the interpreter that runs codeorch")
    alternatives = (
        Python(program=Path(path), reason="the interpreter on the search path")
        for name in ("python3", "python")
        if (path := shutil.which(name, path=variables.get("PATH", "")))
    )
    return next((python for python in (own, *alternatives) if python.has_module("pytest")), own)


def site_packages(root: Path, variables: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the folders with the packages that a project's interpreter imports."""
    return tuple(find_python(root, variables).site_packages())


def _environments_of_tools(root: Path, variables: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    """Yield the environments that tools keep for the project outside of it, with the tool."""
    home = Path(variables.get("HOME") or "/")
    if (root / "poetry.lock").is_file():
        # Named with a hash of the project's path: poetry's EnvManager.generate_env_name.
        cache = Path(variables.get("XDG_CACHE_HOME") or home / ".cache") / "pypoetry"
        environments_folder = Path(variables.get("POETRY_CACHE_DIR") or cache) / "virtualenvs"
        digest = hashlib.sha256(str(root.resolve()).encode()).digest()
        sign = base64.urlsafe_b64encode(digest).decode()[:8]
        yield from (
            (path, "poetry")
            for path in sorted(environments_folder.glob(f"*-{sign}-py*"), reverse=True)
        )
    if (root / "Pipfile").is_file():
        shared = Path(variables.get("XDG_DATA_HOME") or home / ".local" / "share")
        environments_folder = Path(variables.get("WORKON_HOME") or shared / "virtualenvs")
        for file in sorted(environments_folder.glob("*/.project")):
            if file.read_text("utf-8", errors="replace").strip() == str(root.resolve()):
                yield file.parent, "pipenv"


def _interpreter_in(prefix: Path) -> Path | None:
    program = prefix / "bin" / "python"
    return program if program.exists() else None


def _venv_config(prefix: Path) -> dict[str, str]:
    try:
        lines = (prefix / "pyvenv.cfg").read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    rows = (line.partition("=") for line in lines)
    return {key.strip().lower(): value.strip() for key, _, value in rows}


def _editable_sources_in(site: Path) -> Iterator[Path]:
    for file in sorted(site.glob("*.dist-info/direct_url.json")):
        try:
            record = json.loads(file.read_text("utf-8"))
            if record["dir_info"]["editable"]:
                yield Path(unquote(urlsplit(record["url"]).path))
        except (OSError, ValueError, KeyError, TypeError):
            continue  # an odd note is none
    for pattern in ("*.pth", "*.egg-link"):
        for file in sorted(site.glob(pattern)):
            lines = file.read_text("utf-8", errors="replace").splitlines()
            yield from (
                Path(line) for line in lines if line.startswith("/") and Path(line).is_dir()
            )
