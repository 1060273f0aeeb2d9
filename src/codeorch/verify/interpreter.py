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

_USUAL_NAMES = (".venv", "venv", "env", ".env")


@dataclass(frozen=True, slots=True, kw_only=True)
class Python:
    """An interpreter, by its path as called: a link's own folder decides what it imports."""

    program: Path
    why: str

    @property
    def prefix(self) -> Path:
        """The folder that holds its bin and lib."""
        return self.program.parent.parent

    def has(self, module: str) -> bool:
        """Tell whether a module is among its installed packages."""
        return any((site / module).is_dir() for site in self.sites())

    def sites(self) -> Iterator[Path]:
        """Give the folders of its installed packages."""
        for prefix in (self.prefix, *self._without_venv()):
            for lib in ("lib", "lib64"):
                yield from sorted(prefix.glob(f"{lib}/python3*/*-packages"))
                yield from sorted(prefix.glob(f"{lib}/python3/*-packages"))

    def folders(self) -> tuple[Path, ...]:
        """Give the folders that it reads: its own, its base's, and each on the way of links."""
        found = [self.prefix]
        if home := _configured(self.prefix).get("home"):
            found.append(Path(home).parent)
        link = self.program
        while link.is_symlink() and len(found) < 16:
            link = link.parent / link.readlink()
            found.append(link.parent.parent)
        found.append(self.program.resolve().parent.parent)
        return tuple(dict.fromkeys(found))

    def editable(self) -> tuple[Path, ...]:
        """Give the source folders that are installed in place."""
        return tuple(dict.fromkeys(path for site in self.sites() for path in _in_place(site)))

    def _without_venv(self) -> Iterator[Path]:
        if _configured(self.prefix).get("include-system-site-packages") == "true":
            yield self.program.resolve().parent.parent


def find_python(root: Path, variables: Mapping[str, str]) -> Python:
    """Give the project's own interpreter, else the one of codeorch or of the search path."""
    for name in _USUAL_NAMES:
        if (root / name / "pyvenv.cfg").is_file() and (program := _program(root / name)):
            return Python(program=program, why=f"the project's {name}")
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if (folder := variables.get(variable)) and (program := _program(Path(folder))):
            return Python(program=program, why=f"${variable}")
    for place, tool in _elsewhere(root, variables):
        if program := _program(place):
            return Python(program=program, why=f"the project's environment of {tool}")
    own = Python(program=Path(sys.executable), why="the interpreter that runs codeorch")
    others = (
        Python(program=Path(found), why="the interpreter on the search path")
        for name in ("python3", "python")
        if (found := shutil.which(name, path=variables.get("PATH", "")))
    )
    return next((python for python in (own, *others) if python.has("pytest")), own)


def _elsewhere(root: Path, variables: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    """Give the environments that tools keep for the project outside of it."""
    home = Path(variables.get("HOME") or "/")
    if (root / "poetry.lock").is_file():
        # Named with a hash of the project's path: poetry's EnvManager.generate_env_name.
        cache = Path(variables.get("XDG_CACHE_HOME") or home / ".cache") / "pypoetry"
        kept = Path(variables.get("POETRY_CACHE_DIR") or cache) / "virtualenvs"
        digest = hashlib.sha256(str(root.resolve()).encode()).digest()
        sign = base64.urlsafe_b64encode(digest).decode()[:8]
        yield from ((path, "poetry") for path in sorted(kept.glob(f"*-{sign}-py*"), reverse=True))
    if (root / "Pipfile").is_file():
        shared = Path(variables.get("XDG_DATA_HOME") or home / ".local" / "share")
        kept = Path(variables.get("WORKON_HOME") or shared / "virtualenvs")
        for note in sorted(kept.glob("*/.project")):
            if note.read_text("utf-8", errors="replace").strip() == str(root.resolve()):
                yield note.parent, "pipenv"


def _program(prefix: Path) -> Path | None:
    program = prefix / "bin" / "python"
    return program if program.exists() else None


def _configured(prefix: Path) -> dict[str, str]:
    try:
        lines = (prefix / "pyvenv.cfg").read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    rows = (line.partition("=") for line in lines)
    return {key.strip().lower(): value.strip() for key, _, value in rows}


def _in_place(site: Path) -> Iterator[Path]:
    for note in sorted(site.glob("*.dist-info/direct_url.json")):
        try:
            said = json.loads(note.read_text("utf-8"))
            if said["dir_info"]["editable"]:
                yield Path(unquote(urlsplit(said["url"]).path))
        except (OSError, ValueError, KeyError, TypeError):
            continue  # an odd note is none
    for pattern in ("*.pth", "*.egg-link"):
        for file in sorted(site.glob(pattern)):
            lines = file.read_text("utf-8", errors="replace").splitlines()
            yield from (
                Path(line) for line in lines if line.startswith("/") and Path(line).is_dir()
            )
