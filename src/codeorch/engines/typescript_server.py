"""TypeScript's own server of versions 5 and 6, `tsserver.js`: it speaks a protocol of its own.

Requests are lines of JSON, answers come behind headers as in the Language Server Protocol; lines
and UTF-16 units count from 1 (the `protocol` namespace of TypeScript's `lib/typescript.d.ts`).
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from codeorch.analysis.text_edits import TextEdit
from codeorch.engines.checkers import Checker
from codeorch.engines.message_stream import MessageStream, stream_failure
from codeorch.engines.source_tree import SourceTree
from codeorch.engines.text_positions import (
    ECMASCRIPT_LINE_END,
    Location,
    TreePositions,
    unreadable,
)
from codeorch.errors import ServiceError
from codeorch.sandbox import Pipes

_ENDING_S: Final = 1.0
# A shorthand `{total}` keeps its key, an import its exported name.
_PREFERENCES: Final = {"providePrefixAndSuffixTextForRename": True}
_SCRIPT_KINDS: Final = {
    ".ts": "TS", ".mts": "TS", ".cts": "TS", ".tsx": "TSX",
    ".js": "JS", ".mjs": "JS", ".cjs": "JS", ".jsx": "JSX",
}  # fmt: skip


@dataclass(slots=True, kw_only=True)
class TypeScriptServer:
    """A server that is running; one question at a time. See `NameServer`."""

    process: Pipes
    tree: SourceTree
    answer_s: float  # the longest time for one answer
    _stream: MessageStream = field(init=False)
    _positions: TreePositions = field(init=False)
    _open: set[str] = field(default_factory=set)
    _number: int = 0

    def __post_init__(self) -> None:
        self._stream = MessageStream(process=self.process)
        self._positions = TreePositions(tree=self.tree, line_end=ECMASCRIPT_LINE_END)

    @classmethod
    def start(
        cls, process: Pipes, tree: SourceTree, _engine: Checker, answer_s: float
    ) -> "TypeScriptServer":
        """Begin to talk with a process in a tree.

        Raises:
            ServiceError: it ends, is silent too long, or cannot be understood.
        """
        server = cls(process=process, tree=tree, answer_s=answer_s)
        server._request("configure", {"hostInfo": "codeorch", "preferences": _PREFERENCES})
        return server

    def end(self) -> None:
        """Ask the server to end; one that does not is killed."""
        self._send("exit", {})
        with suppress(ServiceError):
            self._stream.receive(_ENDING_S)

    def open(self, path: str) -> None:
        """Tell the server that a file is looked at."""
        if path in self._open:
            return
        self._open.add(path)
        self._send("open", {
            "file": str(self.tree.folder / path),
            "fileContent": self.tree.texts[path],
            "scriptKindName": _SCRIPT_KINDS.get(Path(path).suffix.lower()),
            "projectRootPath": str(self.tree.folder),
        })  # fmt: skip

    def definition(self, path: str, start: int) -> tuple[Location, ...]:
        """Return where the name at a character is defined; nothing when the server cannot say."""
        body = self._ask("definition", path, start)
        return tuple(dict.fromkeys(map(self._location, body if isinstance(body, list) else ())))

    def rename(self, path: str, start: int, new: str) -> Mapping[str, frozenset[TextEdit]]:
        """Return the edits in the tree that would rename what stands at a character; by path."""
        body = self._ask("rename", path, start, findInStrings=False, findInComments=False)
        files = body.get("locs") if isinstance(body, dict) else None
        edits: dict[str, set[TextEdit]] = {}
        for file in files if isinstance(files, list) else ():
            target = self._path(file.get("file")) if isinstance(file, dict) else ""
            places = file.get("locs") if target else None
            for place in places if isinstance(places, list) else ():
                edits.setdefault(target, set()).add(self._edit(target, place, new))
        return {target: frozenset(changes) for target, changes in edits.items()}

    def _ask(self, command: str, path: str, start: int, **more: bool) -> Any:  # noqa: ANN401 - JSON
        self.open(path)
        position = self._positions.of(path).position(start)
        place = {"line": position["line"] + 1, "offset": position["character"] + 1}
        return self._request(command, {"file": str(self.tree.folder / path), **place, **more})

    def _location(self, item: object) -> Location:
        if not isinstance(item, dict) or not isinstance(item.get("file"), str):
            raise unreadable()
        return self._positions.location(self._path(item["file"]), _position(item.get("start")))

    def _edit(self, path: str, place: object, new: str) -> TextEdit:
        found = place if isinstance(place, dict) else {}
        before, after = found.get("prefixText", ""), found.get("suffixText", "")
        positions = self._positions.of(path)
        start, end = (positions.offset(_position(found.get(key))) for key in ("start", "end"))
        if start is None or end is None or start > end:
            raise unreadable()
        if not isinstance(before, str) or not isinstance(after, str):
            raise unreadable()
        return TextEdit(start=start, end=end, text=f"{before}{new}{after}")

    def _path(self, file: object) -> str:
        return self._positions.path_of(Path(file)) if isinstance(file, str) else ""

    # ----------------------------------------------------------------------- the protocol

    def _send(self, command: str, arguments: Mapping[str, object]) -> None:
        self._number += 1
        request = {"seq": self._number, "type": "request", "command": command}
        line = json.dumps({**request, "arguments": arguments})
        self.process.send(f"{line}\n".encode())

    def _request(self, command: str, arguments: Mapping[str, object]) -> Any:  # noqa: ANN401 - JSON
        """Ask something; None where the server says that it cannot tell.

        Raises:
            ServiceError: it has ended, does not answer in time, or sends what is no message.
        """
        self._send(command, arguments)
        for message in self._messages():
            if message.get("type") == "response" and message.get("request_seq") == self._number:
                return message.get("body") if message.get("success") is True else None
        raise stream_failure("did not answer in time")

    def _messages(self) -> Iterator[Mapping[str, Any]]:
        deadline = time.monotonic() + self.answer_s
        while (left_s := deadline - time.monotonic()) > 0:
            message = self._stream.receive(left_s)
            if message is not None:
                yield message


def _position(place: object) -> object:
    """Return a place of TypeScript as a position that counts from 0."""
    if not isinstance(place, dict):
        return None
    line, unit = place.get("line"), place.get("offset")
    if not isinstance(line, int) or not isinstance(unit, int):
        return None
    return {"line": line - 1, "character": unit - 1}
