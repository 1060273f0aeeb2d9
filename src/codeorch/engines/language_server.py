"""A language server of one tree: it says where names are defined, and what it would rename.

Language Server Protocol 3.17 over standard streams; positions in UTF-16 units.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote

from codeorch.analysis.text_edits import TextEdit
from codeorch.engines.checkers import Checker
from codeorch.engines.json_rpc import JsonRpc, RequestRefused
from codeorch.engines.source_tree import SourceTree
from codeorch.engines.text_positions import Location, TreePositions, unreadable
from codeorch.errors import ServiceError
from codeorch.languages import language_of
from codeorch.sandbox import Pipes

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


@dataclass(slots=True, kw_only=True)
class LanguageServer:
    """A server that is running; one question at a time."""

    rpc: JsonRpc
    tree: SourceTree
    answer_s: float  # the longest time for one answer
    _positions: TreePositions = field(init=False)
    _open: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._positions = TreePositions(tree=self.tree)

    @classmethod
    def start(
        cls, process: Pipes, tree: SourceTree, engine: Checker, answer_s: float
    ) -> "LanguageServer":
        """Begin to talk with a process in a tree.

        Raises:
            ServiceError: it ends, is silent too long, or cannot be understood.
        """
        rpc = JsonRpc(process=process, respond=partial(_respond, engine.settings))
        server = cls(rpc=rpc, tree=tree, answer_s=answer_s)
        _initialize(server)
        return server

    def end(self) -> None:
        """Ask the server to end; one that does not is killed."""
        with suppress(ServiceError, RequestRefused):
            self.rpc.request("shutdown", None, _ENDING_S)
            self.rpc.notify("exit", None)
            self.rpc.drain(_ENDING_S)

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
        position = self._positions.of(path).position(start)
        params = {"textDocument": {"uri": self._uri(path)}, "position": position, **more}
        return self.rpc.request(method, params, self.answer_s)

    def _location(self, item: object) -> Location:
        found = item if isinstance(item, dict) else {}
        uri, place = found.get("uri") or found.get("targetUri"), found.get("range")
        if not isinstance(uri, str):
            raise unreadable()
        place = place or found.get("targetSelectionRange")
        start = place.get("start") if isinstance(place, dict) else None
        return self._positions.location(self._path(uri), start)

    def _edit(self, path: str, item: object) -> TextEdit:
        place = item.get("range") if isinstance(item, dict) else None
        text = item.get("newText") if isinstance(item, dict) else None
        start, end = (self._offset(path, place, key) for key in ("start", "end"))
        if start is None or end is None or start > end or not isinstance(text, str):
            raise unreadable()
        return TextEdit(start=start, end=end, text=text)

    def _offset(self, path: str, place: object, key: str) -> int | None:
        return self._positions.of(path).offset(place.get(key)) if isinstance(place, dict) else None

    def _uri(self, path: str) -> str:
        return folder_uri(self.tree.folder / path)

    def _path(self, uri: object) -> str:
        """Return a path of the tree; empty for what is not in it."""
        if not isinstance(uri, str) or not uri.startswith("file:///"):
            return ""
        return self._positions.path_of(Path(unquote(uri.removeprefix("file://"))))


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
        raise unreadable()
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
