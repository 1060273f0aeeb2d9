"""What a project needs of the machine to run its tests -> the sandbox spec that shows just that.

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

from codeorch.sandbox import Bind, SandboxSpec
from codeorch.verify.interpreter import Python, find_python

_INHERITED_VARIABLES = (
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "JAVA_HOME",
    "GOROOT",
    "RUSTUP_TOOLCHAIN",
)
_SYSTEM_FOLDERS = tuple(map(Path, ("/usr", "/bin", "/sbin", "/lib", "/lib64")))
_TOOL_PROGRAMS = (
    "node", "npm", "pnpm", "yarn", "bun", "deno", "go", "java", "mvn", "gradle", "cargo", "rustc",
    "python3", "ruby", "php", "dotnet", "make", "cmake", "cc", "uv", "tox", "nox",
    "pre-commit", "prek",
)  # fmt: skip
# Caches and tools below the home folder, without the parts that hold credentials.
_TOOL_HOMES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
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
_WRITABLE_WITH_NETWORK = ("CARGO_HOME", "GOMODCACHE", "M2_REPOSITORY")
_OFFLINE_VARIABLES = {
    "CARGO_NET_OFFLINE": "true",
    "GOPROXY": "off",
    "GOTOOLCHAIN": "local",
    "PIP_NO_INDEX": "1",
    "UV_OFFLINE": "1",
    "npm_config_offline": "true",
}
_BUILD_PRODUCTS = ("_version.py", "*.so", "*.egg-info")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScratchFolders:
    """The folders of one run of tests, all below a private one."""

    folder: Path  # the checkout
    home: Path
    temp: Path
    cache: Path  # shared by the runs of one verdict; only for caches that go by content
    reports: Path

    @classmethod
    def create(cls, workspace: Path) -> "ScratchFolders":
        """Make the folders of one more run below a workspace, and return them."""
        top = Path(tempfile.mkdtemp(dir=workspace))
        scratch = cls(
            folder=top / "checkout",
            home=top / "home",
            temp=top / "tmp",
            cache=workspace / "cache",
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
        """Return whether a folder is narrow enough to be shown, and not the user's own files."""
        wide = (self.root, self.home, *self.root.parents, *self.home.parents, self.home / ".local")
        return path.is_absolute() and path.exists() and path not in wide


def prepare_environment(
    host: Host,
    scratch: ScratchFolders,
    *,
    can_mount: bool,
    network: bool,
    has_own_programs: bool = False,
) -> SandboxSpec:
    """Return the sandbox spec of a run in a checkout, and link what it needs into the checkout.

    `can_mount` and `has_own_programs` are as the sandbox has them.
    """
    python = find_python(host.root, host.variables)
    visible_root = host.root if can_mount else scratch.folder
    readable = () if has_own_programs else _readable_folders(host, python)
    binds = [Bind(source=path, target=path) for path in readable]
    binds += _node_modules(host, scratch.folder, can_mount=can_mount)
    _copy_build_products(host.root, scratch.folder)
    return SandboxSpec(
        folder=scratch.folder,
        mount_point=host.root if can_mount else None,
        binds=tuple(binds),
        writable=(
            scratch.home,
            scratch.cache,
            scratch.reports,
            *(() if can_mount else (scratch.temp,)),
        ),
        env=_own_variables(scratch)
        | {"PYTHONPATH": ":".join(map(str, _python_path(host, scratch, python, visible_root)))}
        | ({} if has_own_programs else _machine_variables(host, python, network=network))
        | ({} if can_mount else {"TMPDIR": str(scratch.temp)})
        | ({} if network else _OFFLINE_VARIABLES),
        network=network,
    )


def fingerprint(host: Host) -> tuple[str, ...]:
    """Return what differs between two states of what is installed: folders with their times."""
    python = find_python(host.root, host.variables)
    folders = (*python.site_packages(), host.root / "node_modules", *_search_path(host))
    times = (f"{path} {path.stat().st_mtime_ns}" for path in folders if path.is_dir())
    return (str(python.program), *times)


# ------------------------------------------------------------------------------- readable folders


def _readable_folders(host: Host, python: Python) -> list[Path]:
    """List the folders to show at their own place, outer ones first, none twice."""
    variable_values = (host.variables.get(name) for name in ("JAVA_HOME", "GOROOT"))
    wanted = {
        *python.editable_sources(),
        *map(_install_folder, _search_path(host)),
        *_tool_folders(host),
        *_cache_folders(host),
        *(Path(value) for value in variable_values if value),
    }
    wanted = {path for path in wanted if not path.is_relative_to(host.root)} | {*python.folders()}
    showable = sorted(path for path in wanted if host.may_show(path) and not _is_system(path))
    return [path for path in showable if not any(parent in showable for parent in path.parents)]


def _is_system(path: Path) -> bool:
    return any(path.is_relative_to(system) for system in _SYSTEM_FOLDERS)


def _search_path(host: Host) -> Iterator[Path]:
    for entry in host.variables.get("PATH", "").split(":"):
        path = Path(entry)
        if path.is_absolute() and path.is_dir():
            yield path


def _install_folder(entry: Path) -> Path:
    """Return the folder that must be shown for the programs of a search path's entry to work."""
    # The links in node_modules/.bin lead to the packages beside it.
    return entry.parent if entry.parts[-2:] == ("node_modules", ".bin") else entry


def _tool_folders(host: Host) -> Iterator[Path]:
    """Yield the folder that each tool is installed in: the one that holds its bin."""
    for name in _TOOL_PROGRAMS:
        if program := shutil.which(name, path=host.variables.get("PATH", "")):
            folder = Path(program).resolve().parent
            home = folder.parent if folder.name in ("bin", "sbin") else folder
            narrow = host.may_show(home) and home.name != ".cargo"
            yield home if narrow else folder


def _tool_homes(host: Host) -> dict[str, Path]:
    """Return the home folder of each tool that has one, by the variable that names it."""
    homes = {name: host.variables.get(name) or host.home / usual for name, usual, _ in _TOOL_HOMES}
    return {name: Path(home) for name, home in homes.items() if Path(home).is_dir()}


def _cache_folders(host: Host) -> Iterator[Path]:
    homes = _tool_homes(host)
    for name, _, parts in _TOOL_HOMES:
        if name in homes:
            yield from (homes[name] / part for part in parts)


# ------------------------------------------------------------------------------- the variables


def _own_variables(scratch: ScratchFolders) -> dict[str, str]:
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


def _machine_variables(host: Host, python: Python, *, network: bool) -> dict[str, str]:
    """Return where the machine's programs are, and its caches unless they would be written to."""
    written_caches = _WRITABLE_WITH_NETWORK if network else ()
    homes = {
        name: str(home) for name, home in _tool_homes(host).items() if name not in written_caches
    }
    repository = homes.pop("M2_REPOSITORY", "")
    return {
        **{name: host.variables[name] for name in _INHERITED_VARIABLES if name in host.variables},
        **homes,
        "PATH": ":".join(dict.fromkeys(map(str, (python.program.parent, *_search_path(host))))),
        **({"MAVEN_OPTS": f"-Dmaven.repo.local={repository}"} if repository else {}),
    }


def _python_path(
    host: Host, scratch: ScratchFolders, python: Python, visible_root: Path
) -> Iterator[Path]:
    """Yield the checkout's packages: before installed ones, or old code would be tested."""
    source_folders = (path for path in python.editable_sources() if path.is_relative_to(host.root))
    places = (*(path.relative_to(host.root) for path in source_folders), Path())
    candidates = (path for location in places for path in (location / "src", location))
    for path in dict.fromkeys(candidates):
        if (scratch.folder / path).is_dir():
            yield visible_root / path


# ------------------------------------------------------------------------------- into the checkout


def _node_modules(host: Host, folder: Path, *, can_mount: bool) -> Iterator[Bind]:
    """Fill a node_modules beside each package.json.

    The folder itself is the checkout's own, because runners write caches into it; each package in
    it is the user's. Relative links, as in workspaces, are copied: they lead into the checkout.
    """
    for manifest in sorted(folder.glob("**/package.json")):
        location = manifest.parent.relative_to(folder)
        user_folder = host.root / location / "node_modules"
        own_folder = manifest.parent / "node_modules"
        real_path = user_folder.resolve()  # some keep it elsewhere and link it in
        may_show = user_folder.is_dir() and host.may_show(real_path)
        if not may_show or own_folder.is_symlink() or own_folder.exists():
            continue
        own_folder.mkdir()
        for entry in sorted(real_path.iterdir()):
            if entry.is_symlink():
                (own_folder / entry.name).symlink_to(entry.readlink())
            elif not can_mount:
                (own_folder / entry.name).symlink_to(entry)
            elif entry.name not in (".cache", ".vite", ".vitest"):
                yield Bind(source=entry, target=user_folder / entry.name)
        if not can_mount:
            yield Bind(source=real_path, target=real_path)


def _copy_build_products(root: Path, folder: Path) -> None:
    """Copy what an installation in place has built beside the sources, and git does not keep."""
    packages = (path.parent for path in folder.glob("**/__init__.py"))
    for own_folder in (folder, folder / "src", *packages):
        user_folder = root / own_folder.relative_to(folder)
        for product in (path for pattern in _BUILD_PRODUCTS for path in user_folder.glob(pattern)):
            target = own_folder / product.name
            if target.exists() or product.is_symlink():
                continue
            if product.is_dir():
                shutil.copytree(product, target, symlinks=True)
            else:
                shutil.copy2(product, target)
