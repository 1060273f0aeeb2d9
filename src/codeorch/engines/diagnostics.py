"""Sources -> what a type checker says of names and calls in them; two of them -> what is new."""

import errno
import json
import os
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from codeorch.engines.answer_cache import Answers, ask_once
from codeorch.engines.checkers import Checker, Diagnostic
from codeorch.engines.engine_set import Engines
from codeorch.engines.source_tree import SourceTree
from codeorch.errors import ServiceError
from codeorch.sandbox import (
    ResourceLimits,
    SandboxSpec,
    read_written,
    remove_written,
    scratch_folder,
)

_MAX_OUTPUT_BYTES = 64 << 20
MEMORY_BYTES = 4 << 30
_MOST_ARGUMENTS = 400  # paths on a command line
_PATTERN = re.compile(r"[*?\[\]{}]")  # in a path, an engine takes it for a pattern


def check(
    tree: SourceTree,
    paths: Collection[str],
    engine: Checker,
    engines: Engines | None = None,
) -> list[Diagnostic]:
    """Return what an engine says of names and calls in some files of a tree, in their order.

    An empty `paths` means all files. Few are named to the engine, where it lets us, so that it
    reads of the others what it needs; else the whole tree is checked. A module that cannot be
    imported counts only if its name begins like one of the tree: what else is absent is not
    installed. Where the engines have a cache, what was said of each file is kept in it by the tree,
    the engine's version and its configuration, and no file of that tree is asked about again.

    Raises:
        ServiceError: the engine cannot be started, did not end in time, or said nothing that can
            be read (`kind` is "engine").
    """
    if not engine.rules:
        raise engine_failure(engine, "is not asked for checks")
    wanted = {path for path in paths if path in tree.paths} if paths else set(tree.paths)
    engines = engines or Engines()
    configuration = engine.configuration(tree, engines.environment)

    def ask(missing: Collection[str]) -> Answers:
        names = sorted(missing) if _may_be_named(missing, tree, engine) else []
        answers: Answers = {path: [] for path in names or tree.paths}
        for each in _run(tree, engine, configuration, engines.time_limit_s, names):
            if each.path in answers:
                answers[each.path].append(each)
        return answers

    if engines.cache is None:
        known = ask(wanted) if wanted else {}
    else:
        file = engines.cache / _cache_name(tree, engine, configuration)
        known = ask_once(file, wanted, ask, wait=not _may_be_named(wanted, tree, engine))
    return sorted(each for path in wanted for each in known[path])


def _may_be_named(paths: Collection[str], tree: SourceTree, engine: Checker) -> bool:
    """Whether paths can be the arguments of a check: they are few, and read as no patterns."""
    is_few = len(paths) <= min(_MOST_ARGUMENTS, len(tree.paths) - 1)
    return engine.takes_paths and is_few and not any(map(_PATTERN.search, paths))


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
    tree: SourceTree, engine: Checker, configuration: str, time_limit_s: float, names: Sequence[str]
) -> list[Diagnostic]:
    set_up(tree, engine, configuration)
    data = _output_of(tree, engine, time_limit_s, names)
    if broken := engine.broken_files(data, tree):
        for path in broken:
            remove_written(tree.folder / path)
        data = _output_of(tree, engine, time_limit_s, names)
        if engine.broken_files(data, tree):
            raise engine_failure(engine, f"cannot read {min(broken)}")
    try:
        diagnostics = [_require_types(each) for each in engine.read(data, tree)]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise engine_failure(engine, "said nothing that can be read") from error
    return sorted(_plain(each, tree) for each in diagnostics if _counts(each, tree, engine))


def _output_of(
    tree: SourceTree, engine: Checker, time_limit_s: float, names: Sequence[str]
) -> bytes:
    with scratch_folder("check") as scratch:
        output = scratch / "output.json"
        names = names or (sorted(tree.paths) if engine.needs_paths else ())
        named = ("--", *names) if names else ()
        argv = (str(engine.program.path), *engine.arguments(output), *named)
        if not engine.prints_to_file:
            argv = ("/bin/sh", "-c", 'exec "$@" >"$0" 2>/dev/null', str(output), *argv)
        limits = ResourceLimits(time_s=time_limit_s, memory_bytes=MEMORY_BYTES)
        result = engine.sandbox.run(argv, engine_spec(tree, engine, scratch), limits)
        if result.stopped_by:
            raise engine_failure(engine, f"was stopped by its limit of {result.stopped_by}")
        data = read_written(output, _MAX_OUTPUT_BYTES)
        if data is None or (engine.exit_codes and result.exit_code not in engine.exit_codes):
            raise engine_failure(engine, f"ended with exit code {result.exit_code}")
    return data


def set_up(tree: SourceTree, engine: Checker, configuration: str) -> None:
    """Write a tree, and what an engine needs there besides the sources.

    An engine that was here before may have put a link to a file of the user's in its place.

    Raises:
        ServiceError: it cannot be written.
    """
    texts = {**engine.build_files(tree), engine.configuration_file: configuration}
    try:
        tree.write()
        for path, text in texts.items():
            _write_anew(tree.folder / path, text)
        for name, target in engine.links.items():
            link = tree.folder / name
            if not os.path.lexists(link):
                link.symlink_to(target)
    except OSError as error:
        raise engine_failure(engine, f"could not be set up: {error.strerror}") from error


def _write_anew(file: Path, text: str) -> None:
    if file.parent.resolve() != file.parent:
        raise OSError(errno.ELOOP, "a folder is a link")
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)


def engine_spec(tree: SourceTree, engine: Checker, scratch: Path) -> SandboxSpec:
    """Return what an engine sees: the tree, and nothing of the user's environment or programs."""
    names = ("PATH", "HOME", "TMPDIR", "XDG_CACHE_HOME")
    return SandboxSpec(
        folder=tree.folder,
        binds=engine.binds,
        writable=(scratch,),
        env={**dict.fromkeys(names, str(scratch)), **engine.variables},
    )


def engine_failure(engine: Checker, what: str) -> ServiceError:
    """Return the error of an engine whose voice is lost."""
    return ServiceError(f"{engine.program.name} {what}", kind="engine", retryable=False)


def _require_types(each: Diagnostic) -> Diagnostic:
    types = (str, int, str, str, str)
    if not all(map(isinstance, each, types)):
        raise TypeError("a diagnostic of another form")
    return each


def _counts(each: Diagnostic, tree: SourceTree, engine: Checker) -> bool:
    if each.rule not in engine.rules or each.path not in tree.paths:
        return False
    if engine.rules[each.rule] != "module":
        return True
    module = re.search(r"`([^`.]*)", each.message)  # nothing before the first dot: a relative one
    return module is not None and (not module[1] or module[1] in tree.top_names)


def _plain(each: Diagnostic, tree: SourceTree) -> Diagnostic:
    return each._replace(message=each.message.replace(f"{tree.folder}/", "").split("\n", 1)[0])


# ------------------------------------------------------------------------------- the cache


def _cache_name(tree: SourceTree, engine: Checker, configuration: str) -> str:
    program = engine.program
    about = (program.title, program.build, configuration, tree.digest)
    rules, build = sorted(engine.rules), sorted(engine.build_files(tree).items())
    # What is installed since is seen by the next check, and must be by what that is held against.
    folders = (path for path in engine.links.values() if path.is_dir())
    installed = [f"{path} {path.stat().st_mtime_ns}" for path in folders]
    how = (engine.arguments(Path()), rules, build, installed)
    return f"{sha256(json.dumps([about, how]).encode()).hexdigest()[:32]}.json"
