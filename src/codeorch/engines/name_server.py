"""An engine's server in a tree of sources: who is asked for definitions and renames."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final, Protocol

from codeorch.analysis.text_edits import TextEdit
from codeorch.engines.checkers import Checker, ServerProtocol
from codeorch.engines.diagnostics import MEMORY_BYTES, engine_failure, engine_spec, set_up
from codeorch.engines.engine_set import Engines
from codeorch.engines.language_server import LanguageServer
from codeorch.engines.source_tree import SourceTree
from codeorch.engines.text_positions import Location
from codeorch.engines.typescript_server import TypeScriptServer
from codeorch.errors import ServiceError
from codeorch.sandbox import Pipes, ResourceLimits, scratch_folder


class NameServer(Protocol):
    """A server that is running, whatever its protocol; one question at a time."""

    def open(self, path: str) -> None:
        """Tell the server that a file is looked at: what is not, it may leave out of an answer."""

    def definition(self, path: str, start: int) -> tuple[Location, ...]:
        """Return where the name at a character is defined; nothing when the server cannot say.

        Raises:
            ServiceError: the server has ended, does not answer in time, or names no place.
        """

    def rename(self, path: str, start: int, new: str) -> Mapping[str, frozenset[TextEdit]]:
        """Return the edits in the tree that would rename what stands at a character; by path.

        What would be changed outside of the tree is left out, and so is what is no edit of a text.

        Raises:
            ServiceError: the server has ended, or does not answer in time.
        """

    def end(self) -> None:
        """Ask the server to end; one that does not is killed."""


_Start = Callable[[Pipes, SourceTree, Checker, float], NameServer]
_STARTS: Final[Mapping[ServerProtocol, _Start]] = {
    "lsp": LanguageServer.start,
    "tsserver": TypeScriptServer.start,
}


@contextmanager
def name_server(tree: SourceTree, engine: Checker, engines: Engines) -> Iterator[NameServer]:
    """Start an engine's server in a tree; it ends afterwards, with all that it has started.

    The time limit is for all answers together.

    Raises:
        ServiceError: the server cannot be started, ends, is silent too long, or cannot be
            understood (`kind` is "engine"); here and wherever it is asked.
    """
    set_up(tree, engine, engine.configuration(tree, engines.environment))
    limits = ResourceLimits(time_s=engines.time_limit_s, memory_bytes=MEMORY_BYTES)
    argv = (str(engine.program.path), *engine.server)
    with scratch_folder("server") as scratch:
        spec = engine_spec(tree, engine, scratch)
        try:
            with engine.sandbox.open(argv, spec, limits) as process:
                server = _STARTS[engine.protocol](process, tree, engine, engines.time_limit_s)
                yield server
                server.end()
        except ServiceError as error:
            raise engine_failure(engine, str(error)) from error
