"""A language server of one tree: it says where names are defined, and what it would rename.

Language Server Protocol 3.17 over standard streams; positions in UTF-16 units.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import quote, unquote

from codeorch.analysis.text_edits import TextEdit
from codeorch.engines.checkers import Checker
from codeorch.engines.diagnostics import MEMORY_BYTES, engine_failure, engine_spec, set_up
from codeorch.engines.engine_set import Engines
from codeorch.engines.json_rpc import JsonRpc, RequestRefused
from codeorch.engines.source_tree import SourceTree
from codeorch.engines.text_positions import TextPositions
from codeorch.errors import ServiceError
from codeorch.languages import language_of
from codeorch.sandbox import ResourceLimits, scratch_folder

_CAPABILITIES: Final = {
    "general": {"positionEncodings": ["utf-16"]},
    "workspace": {"configuration": True, "workspaceFolders": True, "workspaceEdit": {
        "documentChanges": True}},
    "textDocument": {
        "definition": {"linkSupport": False},
        "rename": {"prepareSupport": False},
        "synchronization": {},
    },
    "window": {"workDoneProgress": True},
}  # fmt: skip


_ENDING_S: Final = 1.0
_LANGUAGE_IDS: Final = {"tsx": "typescriptreact"}  # the others are called as we call them


class Location(NamedTuple):
    """Where something is defined."""

    path: str  # relative to the tree; empty = outside of it, such as in a library
    start: int  # in characters; -1 outside of the tree
    line: int  # from 1; 0 outside of the tree


@dataclass(slots=True, kw_only=True)
class LanguageServer:
    """A server that is running; one question at a time."""

    rpc: JsonRpc
    tree: SourceTree
    answer_s: float  # the longest time for one answer
    _positions: dict[str, TextPositions] = field(default_factory=dict)
    _open: set[str] = field(default_factory=set)

    def open(self, path: str) -> None:
        """Tell the server that a file is looked at: what is not, it may leave out of an answer."""
        if path in self._open:
            return
        self._open.add(path)
        language = language_of(path, self.tree.texts[path])
        document = {
            "uri": self._uri(path),
            "languageId": _LANGUAGE_IDS.get(language, language),
            "version": 1,
        }
        self.rpc.notify("textDocument/didOpen", {
            "textDocument": {**document, "text": self.tree.texts[path]},
        })  # fmt: skip

    def definition(self, path: str, start: int) -> tuple[Location, ...]:
        """Return where the name at a character is defined; nothing when the server cannot say.

        Raises:
            ServiceError: the server has ended, does not answer in time, or names no place.
        """
        try:
            result = self._ask("textDocument/definition", path, start)
        except RequestRefused:
            return ()
        items = result if isinstance(result, list) else [result] if result else []
        return tuple(dict.fromkeys(map(self._location, items)))

    def rename(self, path: str, start: int, new: str) -> Mapping[str, frozenset[TextEdit]]:
        """Return the edits in the tree that would rename what stands at a character; by path.

        What would be changed outside of the tree is left out, and so is what is no edit of a text.

        Raises:
            ServiceError: the server has ended, or does not answer in time.
        """
        try:
            result = self._ask("textDocument/rename", path, start, newName=new)
        except RequestRefused:
            return {}
        edits: dict[str, set[TextEdit]] = {}
        for uri, items in _changes(result):
            target = self._path(uri)
            for item in items if target else ():
                edits.setdefault(target, set()).add(self._edit(target, item))
        return {target: frozenset(changes) for target, changes in edits.items()}

    def _ask(self, method: str, path: str, start: int, **more: str) -> Any:  # noqa: ANN401 - JSON
        self.open(path)
        position = self._text(path).position(start)
        params = {"textDocument": {"uri": self._uri(path)}, "position": position, **more}
        return self.rpc.request(method, params, self.answer_s)

    def _location(self, item: object) -> Location:
        found = item if isinstance(item, dict) else {}
        uri = found.get("uri") or found.get("targetUri")
        if not isinstance(uri, str):
            raise _unreadable()
        path = self._path(uri)
        if not path:
            return Location("", -1, 0)
        offset = self._offset(
            path, found.get("range") or found.get("targetSelectionRange"), "start"
        )
        if offset is None:
            raise _unreadable()
        return Location(path, offset, self._text(path).position(offset)["line"] + 1)

    def _edit(self, path: str, item: object) -> TextEdit:
        place = item.get("range") if isinstance(item, dict) else None
        text = item.get("newText") if isinstance(item, dict) else None
        start, end = (self._offset(path, place, key) for key in ("start", "end"))
        if start is None or end is None or start > end or not isinstance(text, str):
            raise _unreadable()
        return TextEdit(start=start, end=end, text=text)

    def _offset(self, path: str, place: object, key: str) -> int | None:
        return self._text(path).offset(place.get(key)) if isinstance(place, dict) else None

    def _text(self, path: str) -> TextPositions:
        if path not in self._positions:
            self._positions[path] = TextPositions(self.tree.texts[path])
        return self._positions[path]

    def _uri(self, path: str) -> str:
        return folder_uri(self.tree.folder / path)

    def _path(self, uri: object) -> str:
        """Return a path of the tree; empty for what is not in it."""
        if not isinstance(uri, str) or not uri.startswith("file:///"):
            return ""
        path = Path(unquote(uri.removeprefix("file://")))
        if not path.is_relative_to(self.tree.folder):
            return ""
        name = path.relative_to(self.tree.folder).as_posix()
        return name if name in self.tree.paths else ""


@contextmanager
def language_server(
    tree: SourceTree, engine: Checker, engines: Engines
) -> Iterator[LanguageServer]:
    """Start an engine's server in a tree; it ends afterwards, with all that it has started.

    The time limit is for all answers together.

    Raises:
        ServiceError: the server cannot be started, ends, is silent too long, or cannot be
            understood (`kind` is "engine"); here and wherever it is asked.
    """
    configuration = engine.configuration(tree, engines.environment)
    set_up(tree, engine, configuration)
    limits = ResourceLimits(time_s=engines.time_limit_s, memory_bytes=MEMORY_BYTES)
    argv = (str(engine.program.path), *engine.server)
    with scratch_folder("server") as scratch:
        spec = engine_spec(tree, engine, scratch)
        try:
            with engine.sandbox.open(argv, spec, limits) as process:
                rpc = JsonRpc(process=process, respond=partial(_respond, engine.settings))
                server = LanguageServer(rpc=rpc, tree=tree, answer_s=engines.time_limit_s)
                _initialize(server)
                yield server
                _end(server)
        except ServiceError as error:
            raise engine_failure(engine, str(error)) from error


def _end(server: LanguageServer) -> None:
    """Ask the server to end; one that does not is killed."""
    with suppress(ServiceError, RequestRefused):
        server.rpc.request("shutdown", None, _ENDING_S)
        server.rpc.notify("exit", None)
        server.rpc.drain(_ENDING_S)


def folder_uri(path: Path) -> str:
    """Return a path as a URI."""
    return "file://" + quote(str(path))


def _initialize(server: LanguageServer) -> None:
    uri = folder_uri(server.tree.folder)
    params = {
        "processId": None,
        "rootUri": uri,
        "workspaceFolders": [{"uri": uri, "name": "tree"}],
        "capabilities": _CAPABILITIES,
        "initializationOptions": {},
    }
    try:
        result = server.rpc.request("initialize", params, server.answer_s)
    except RequestRefused as error:
        raise ServiceError(f"refused to begin: {error}", kind="engine", retryable=False) from error
    capabilities = result.get("capabilities") if isinstance(result, dict) else None
    given = capabilities if isinstance(capabilities, dict) else {}
    if given.get("positionEncoding", "utf-16") != "utf-16":
        raise _unreadable()
    server.rpc.notify("initialized", {})


def _respond(settings: Mapping[str, object], method: str, params: Any) -> Any:  # noqa: ANN401
    """Answer a request of the server; what it may not do, such as edits, is not served."""
    if method == "workspace/configuration":
        items = params.get("items") if isinstance(params, dict) else None
        return [settings or None for _ in items or ()]
    if method in _SILENT_METHODS:
        return None
    raise LookupError(method)


_SILENT_METHODS: Final = frozenset({
    "client/registerCapability", "client/unregisterCapability", "window/workDoneProgress/create",
    "workspace/diagnostic/refresh", "workspace/semanticTokens/refresh",
    "workspace/inlayHint/refresh", "workspace/codeLens/refresh",
})  # fmt: skip


def _changes(result: object) -> Iterator[tuple[object, list[Any]]]:
    """Yield the edits of a WorkspaceEdit by their files' URIs; files made or moved are none."""
    if not isinstance(result, dict):
        return
    documents, changes = result.get("documentChanges"), result.get("changes")
    for change in documents if isinstance(documents, list) else ():
        document = change.get("textDocument") if isinstance(change, dict) else None
        if isinstance(document, dict) and isinstance(change.get("edits"), list):
            yield document.get("uri"), change["edits"]
    if not documents and isinstance(changes, dict):
        yield from ((uri, edits) for uri, edits in changes.items() if isinstance(edits, list))


def _unreadable() -> ServiceError:
    return ServiceError("sent what cannot be read", kind="engine", retryable=False)
