"""Sources -> what a type checker says of names and calls in them; two of them -> what is new."""

import json
import re
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from codeorch.engines.answer_cache import read_answers, write_answers
from codeorch.engines.checkers import Checker, Diagnostic
from codeorch.engines.engine_set import Engines
from codeorch.engines.source_tree import SourceTree
from codeorch.errors import ServiceError
from codeorch.sandbox import ResourceLimits, SandboxSpec

_MAX_OUTPUT_BYTES = 64 << 20
MEMORY_BYTES = 4 << 30
_MOST_ARGUMENTS = 400  # paths on a command line; above it the whole tree is checked
_PATTERN = re.compile(r"[*?\[\]{}]")  # in a path, an engine takes it for a pattern


def check(
    tree: SourceTree,
    paths: Collection[str],
    engine: Checker,
    engines: Engines | None = None,
) -> list[Diagnostic]:
    """Return what an engine says of names and calls in some files of a tree, in their order.

    An empty `paths` means all files. Where they are few, they alone are checked, and others read as
    they are needed. A module that cannot be imported counts only if its name begins like one of the
    tree: what else is absent is not installed. Where the engines have a cache, what was said of
    each file is kept in it by the tree, the engine's version and its configuration, and only the
    other files are checked.

    Raises:
        ServiceError: the engine cannot be started, did not end in time, or said nothing that can
            be read (`kind` is "engine").
    """
    if not engine.name_rules:
        raise engine_failure(engine, "is not asked for checks")
    engines = engines or Engines()
    configuration = engine.configuration(tree, engines.environment)
    wanted = {path for path in paths if path in tree.paths} if paths else set(tree.paths)
    file = engines.cache and engines.cache / _cache_name(tree, engine, configuration, engines)
    known = read_answers(file) if file else {}
    if missing := wanted - known.keys():
        known |= _check(tree, missing, engine, configuration, engines.time_limit_s)
        if file:
            write_answers(file, known)
    return sorted(each for path in wanted for each in known[path])


def _check(
    tree: SourceTree,
    missing: Collection[str],
    engine: Checker,
    configuration: str,
    time_limit_s: float,
) -> dict[str, list[Diagnostic]]:
    """Ask about some files, by name where they are few, else about all."""
    some, asked = sorted(missing), engine
    is_few = len(some) <= min(_MOST_ARGUMENTS, len(tree.paths) - 1)
    if not is_few or any(map(_PATTERN.search, some)):
        some = sorted(tree.paths)
    else:
        asked = replace(engine, arguments=lambda out: (*engine.arguments(out), "--", *some))
    answers: dict[str, list[Diagnostic]] = {path: [] for path in some}
    for each in _run(tree, asked, configuration, time_limit_s):
        if each.path in answers:
            answers[each.path].append(each)
    return answers


def new_diagnostics(
    before: Iterable[Diagnostic],
    after: Iterable[Diagnostic],
    *,
    moves: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
) -> list[Diagnostic]:
    """Return what is said after a change and was not said before, by file, rule and message.

    Lines do not count, as an edit moves them; of several with one message the surplus is new,
    those first whose line had none. `moves` says where files went, `names` what is called
    otherwise now: a message that tells of the old name is not new because of the new one.
    """
    moved, renamed = moves or {}, names or {}
    word = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, renamed)) or '(?!)'})(?!\w)")

    def key(each: Diagnostic) -> tuple[str, str, str]:
        message = word.sub(lambda match: renamed[match[0]], each.message)
        return moved.get(each.path, each.path), each.rule, message

    known, lines = Counter[tuple[str, str, str]](), set[tuple[tuple[str, str, str], int]]()
    for each in before:
        known[key(each)] += 1
        lines.add((key(each), each.line))
    surplus = list(after)
    total = Counter(map(_key, surplus))
    new: list[Diagnostic] = []
    # A diagnostic at a line that had the same one before is the last to be called new.
    for each in sorted(surplus, key=lambda each: (_key(each), each.line) in lines):
        if total[_key(each)] > known[_key(each)]:
            total[_key(each)] -= 1
            new.append(each)
    return sorted(new)


def _key(each: Diagnostic) -> tuple[str, str, str]:
    return each.path, each.rule, each.message


# ------------------------------------------------------------------------------- the process


def _run(
    tree: SourceTree, engine: Checker, configuration: str, time_limit_s: float
) -> list[Diagnostic]:
    set_up(tree, engine, configuration)
    with tempfile.TemporaryDirectory(prefix="codeorch-check-", ignore_cleanup_errors=True) as name:
        scratch = Path(name).resolve()
        output = scratch / "output.json"
        argv = (str(engine.program.path), *engine.arguments(output))
        if not engine.prints_to_file:
            argv = ("/bin/sh", "-c", 'exec "$@" >"$0" 2>/dev/null', str(output), *argv)
        spec = engine_spec(tree, engine, scratch)
        limits = ResourceLimits(time_s=time_limit_s, memory_bytes=MEMORY_BYTES)
        result = engine.sandbox.run(argv, spec, limits)
        if result.stopped_by:
            raise engine_failure(engine, f"was stopped by its limit of {result.stopped_by}")
        data = _read_output(output)
        ending = f"ended with exit code {result.exit_code}"
    try:
        diagnostics = [_require_types(each) for each in engine.read(data)]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise engine_failure(engine, f"{ending} and no output that can be read") from error
    return sorted(_plain(each, tree) for each in diagnostics if _counts(each, tree, engine))


def set_up(tree: SourceTree, engine: Checker, configuration: str) -> None:
    """Write a tree, and what an engine needs there besides the sources."""
    tree.write()
    (tree.folder / engine.configuration_file).write_text(configuration, encoding="utf-8")
    for name, target in engine.links.items():
        link = tree.folder / name
        if not link.exists():
            link.symlink_to(target)


def engine_spec(tree: SourceTree, engine: Checker, scratch: Path) -> SandboxSpec:
    """Return what an engine sees: the tree, and nothing of the user's environment or programs."""
    names = ("PATH", "HOME", "TMPDIR", "XDG_CACHE_HOME")
    return SandboxSpec(
        folder=tree.folder,
        binds=engine.binds,
        writable=(scratch,),
        env=dict.fromkeys(names, str(scratch)),
    )


def engine_failure(engine: Checker, what: str) -> ServiceError:
    """Return the error of an engine whose voice is lost."""
    return ServiceError(f"{engine.program.name} {what}", kind="engine", retryable=False)


def _read_output(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(_MAX_OUTPUT_BYTES)
    except OSError:
        return b""


def _require_types(each: Diagnostic) -> Diagnostic:
    types = (str, int, str, str)
    if not all(map(isinstance, each, types)):
        raise TypeError("a diagnostic of another form")
    return each


def _counts(each: Diagnostic, tree: SourceTree, engine: Checker) -> bool:
    if each.rule not in engine.name_rules or each.path not in tree.paths:
        return False
    if each.rule not in engine.import_rules:
        return True
    module = re.search(r"`([^`.]*)", each.message)  # nothing before the first dot: a relative one
    return module is not None and (not module[1] or module[1] in tree.top_names)


def _plain(each: Diagnostic, tree: SourceTree) -> Diagnostic:
    return each._replace(message=each.message.replace(f"{tree.folder}/", "").split("\n", 1)[0])


def _cache_name(tree: SourceTree, engine: Checker, configuration: str, engines: Engines) -> str:
    about = (engine.program.name, engine.program.version, configuration, tree.digest)
    how = [engine.arguments(Path()), sorted(engine.name_rules)]
    installed = [_time_of(folder) for folder in engines.environment.site_packages]
    return f"{sha256(json.dumps([about, how, installed]).encode()).hexdigest()[:32]}.json"


def _time_of(folder: Path) -> int:
    """Return when something was last installed into a folder, or taken out, in ns."""
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0
