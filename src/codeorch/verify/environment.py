"""What a project needs of the machine to run its tests -> the room that shows just that.

The user's working tree is never part of it: only what git does not keep and tests need, such as a
virtual environment or node_modules, read-only. Where the sandbox can mount, the checkout appears
at the very path of the working tree; so whatever is installed in place, or names absolute paths,
finds the checkout instead of the user's files.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from codeorch.sandbox import Bind, Room
from codeorch.verify.interpreter import Python, find_python

_PASSED_ON = ("LANG", "LC_ALL", "LC_CTYPE", "TZ", "JAVA_HOME", "GOROOT", "RUSTUP_TOOLCHAIN")
_SYSTEM = tuple(map(Path, ("/usr", "/bin", "/sbin", "/lib", "/lib64")))
_TOOLS = (
    "node", "npm", "pnpm", "yarn", "bun", "deno", "go", "java", "mvn", "gradle", "cargo", "rustc",
    "python3", "ruby", "php", "dotnet", "make", "cmake", "cc", "uv", "tox", "nox",
    "pre-commit", "prek",
)  # fmt: skip
# Caches and tools below the home folder, without the parts that hold credentials.
_HOMES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("CARGO_HOME", ".cargo", ("bin", "registry", "git")),
    ("RUSTUP_HOME", ".rustup", ("toolchains", "settings.toml")),
    ("GOMODCACHE", "go/pkg/mod", (".",)),
    ("PYENV_ROOT", ".pyenv", (".",)),
    ("VOLTA_HOME", ".volta", (".",)),
    ("M2_REPOSITORY", ".m2/repository", (".",)),
    ("PRE_COMMIT_HOME", ".cache/pre-commit", (".",)),
    ("GRADLE_RO_DEP_CACHE", ".gradle/caches", ("modules-2",)),
)
# What is missing in these is downloaded into them; with network, tools get empty ones instead.
_WRITTEN_ONLINE = ("CARGO_HOME", "GOMODCACHE", "M2_REPOSITORY")
_OFFLINE = {
    "CARGO_NET_OFFLINE": "true",
    "GOPROXY": "off",
    "GOTOOLCHAIN": "local",
    "PIP_NO_INDEX": "1",
    "UV_OFFLINE": "1",
    "npm_config_offline": "true",
}
_PRODUCTS = ("_version.py", "*.so", "*.egg-info")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scratch:
    """The folders of one run of tests, all below a private one."""

    folder: Path  # the checkout
    home: Path
    temp: Path
    cache: Path  # shared by the runs of one verdict; only for caches that go by content
    reports: Path

    @classmethod
    def make(cls, private: Path) -> "Scratch":
        """Make the folders of one more run."""
        top = Path(tempfile.mkdtemp(dir=private))
        scratch = cls(
            folder=top / "checkout",
            home=top / "home",
            temp=top / "tmp",
            cache=private / "cache",
            reports=top / "reports",
        )
        for path in (scratch.folder, scratch.home, scratch.temp, scratch.reports):
            path.mkdir(parents=True)
        scratch.cache.mkdir(exist_ok=True)
        return scratch


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """The user's side: the working tree, and the variables of the user's shell."""

    root: Path
    variables: Mapping[str, str]

    @property
    def home(self) -> Path:
        """The user's home folder; the root of all when none is known."""
        return Path(self.variables.get("HOME") or "/")

    def may_show(self, path: Path) -> bool:
        """Tell whether a folder is narrow enough to be shown, and not the user's own files."""
        wide = (self.root, self.home, *self.root.parents, *self.home.parents, self.home / ".local")
        return path.is_absolute() and path.exists() and path not in wide


def furnish(
    host: Host, scratch: Scratch, *, mounts: bool, network: bool, foreign: bool = False
) -> Room:
    """Give the room for a run in a checkout, and link what the checkout needs into it.

    `mounts` and `foreign` are as the sandbox has them.
    """
    python = find_python(host.root, host.variables)
    where = host.root if mounts else scratch.folder
    shown = () if foreign else _shown(host, python)
    binds = [Bind(source=path, target=path) for path in shown]
    binds += _node_modules(host, scratch.folder, mounts=mounts)
    _copy_products(host.root, scratch.folder)
    return Room(
        folder=scratch.folder,
        at=host.root if mounts else None,
        binds=tuple(binds),
        writable=(
            scratch.home,
            scratch.cache,
            scratch.reports,
            *(() if mounts else (scratch.temp,)),
        ),
        env=_variables(scratch)
        | {"PYTHONPATH": ":".join(map(str, _python_path(host, scratch, python, where)))}
        | ({} if foreign else _machine(host, python, network=network))
        | ({} if mounts else {"TMPDIR": str(scratch.temp)})
        | ({} if network else _OFFLINE),
        network=network,
    )


def fingerprint(host: Host) -> tuple[str, ...]:
    """Tell one state of what is installed from another, by the times of the folders."""
    python = find_python(host.root, host.variables)
    folders = (*python.sites(), host.root / "node_modules", *_search_path(host))
    times = (f"{path} {path.stat().st_mtime_ns}" for path in folders if path.is_dir())
    return (str(python.program), *times)


# ------------------------------------------------------------------------------- what is shown


def _shown(host: Host, python: Python) -> list[Path]:
    """List the folders to show at their own place, outer ones first, none twice."""
    named = (host.variables.get(name) for name in ("JAVA_HOME", "GOROOT"))
    wanted = {
        *python.editable(),
        *map(_installed, _search_path(host)),
        *_tools(host),
        *_caches(host),
        *(Path(value) for value in named if value),
    }
    wanted = {path for path in wanted if not path.is_relative_to(host.root)} | {*python.folders()}
    fit = sorted(path for path in wanted if host.may_show(path) and not _is_system(path))
    return [path for path in fit if not any(parent in fit for parent in path.parents)]


def _is_system(path: Path) -> bool:
    return any(path.is_relative_to(system) for system in _SYSTEM)


def _search_path(host: Host) -> Iterator[Path]:
    for entry in host.variables.get("PATH", "").split(":"):
        path = Path(entry)
        if path.is_absolute() and path.is_dir():
            yield path


def _installed(entry: Path) -> Path:
    """Give the folder that must be shown for the programs of a search path's entry to work."""
    # The links in node_modules/.bin lead to the packages beside it.
    return entry.parent if entry.parts[-2:] == ("node_modules", ".bin") else entry


def _tools(host: Host) -> Iterator[Path]:
    """Give the folder that each tool is installed in: the one that holds its bin."""
    for name in _TOOLS:
        if found := shutil.which(name, path=host.variables.get("PATH", "")):
            real = Path(found).resolve()
            home = real.parent.parent if real.parent.name in ("bin", "sbin") else real.parent
            narrow = host.may_show(home) and home.name != ".cargo"
            yield home if narrow else real.parent


def _homes(host: Host) -> dict[str, Path]:
    """Give the folder of each tool that keeps one, by the variable that names it."""
    homes = {name: host.variables.get(name) or host.home / usual for name, usual, _ in _HOMES}
    return {name: Path(home) for name, home in homes.items() if Path(home).is_dir()}


def _caches(host: Host) -> Iterator[Path]:
    homes = _homes(host)
    for name, _, parts in _HOMES:
        if name in homes:
            yield from (homes[name] / part for part in parts)


# ------------------------------------------------------------------------------- the variables


def _variables(scratch: Scratch) -> dict[str, str]:
    return {
        "HOME": str(scratch.home),
        "CI": "1",
        "GIT_CONFIG_NOSYSTEM": "1",  # it may hold credentials, and is not shown
        "TERM": "dumb",
        "GOCACHE": str(scratch.cache / "go"),
        "GRADLE_USER_HOME": str(scratch.home / ".gradle"),
        "PYTHONHASHSEED": "0",
        "PYTHONUNBUFFERED": "1",
    }


def _machine(host: Host, python: Python, *, network: bool) -> dict[str, str]:
    """Say where the machine's programs are, and its caches unless they would be written to."""
    written = _WRITTEN_ONLINE if network else ()
    homes = {name: str(home) for name, home in _homes(host).items() if name not in written}
    repository = homes.pop("M2_REPOSITORY", "")
    return {
        **{name: host.variables[name] for name in _PASSED_ON if name in host.variables},
        **homes,
        "PATH": ":".join(dict.fromkeys(map(str, (python.program.parent, *_search_path(host))))),
        **({"MAVEN_OPTS": f"-Dmaven.repo.local={repository}"} if repository else {}),
    }


def _python_path(host: Host, scratch: Scratch, python: Python, where: Path) -> Iterator[Path]:
    """Put the checkout's packages before installed ones, or old code would be tested."""
    installed = (path for path in python.editable() if path.is_relative_to(host.root))
    places = (*(path.relative_to(host.root) for path in installed), Path())
    found = (path for place in places for path in (place / "src", place))
    for path in dict.fromkeys(found):
        if (scratch.folder / path).is_dir():
            yield where / path


# ------------------------------------------------------------------------------- into the checkout


def _node_modules(host: Host, folder: Path, *, mounts: bool) -> Iterator[Bind]:
    """Fill a node_modules beside each package.json.

    The folder itself is the checkout's own, because runners write caches into it; each package in
    it is the user's. Relative links, as in workspaces, are copied: they lead into the checkout.
    """
    for manifest in sorted(folder.glob("**/package.json")):
        place = manifest.parent.relative_to(folder)
        theirs, ours = host.root / place / "node_modules", manifest.parent / "node_modules"
        real = theirs.resolve()  # some keep it elsewhere and link it in
        if not theirs.is_dir() or not host.may_show(real) or ours.is_symlink() or ours.exists():
            continue
        ours.mkdir()
        for entry in sorted(real.iterdir()):
            if entry.is_symlink():
                (ours / entry.name).symlink_to(entry.readlink())
            elif not mounts:
                (ours / entry.name).symlink_to(entry)
            elif entry.name not in (".cache", ".vite", ".vitest"):
                yield Bind(source=entry, target=theirs / entry.name)
        if not mounts:
            yield Bind(source=real, target=real)


def _copy_products(root: Path, folder: Path) -> None:
    """Copy what an installation in place has built beside the sources, and git does not keep."""
    packages = (path.parent for path in folder.glob("**/__init__.py"))
    for ours in (folder, folder / "src", *packages):
        theirs = root / ours.relative_to(folder)
        for product in (path for pattern in _PRODUCTS for path in theirs.glob(pattern)):
            copy = ours / product.name
            if copy.exists() or product.is_symlink():
                continue
            if product.is_dir():
                shutil.copytree(product, copy, symlinks=True)
            else:
                shutil.copy2(product, copy)
