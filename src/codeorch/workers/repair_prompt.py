"""A repair -> the conversation of the worker that made the edit, with what was found wrong."""

from collections.abc import Iterator

from codeorch.domain import FilePatch
from codeorch.edits import render
from codeorch.llm import Conversation
from codeorch.llm.prompts import fence
from codeorch.retrieval import respond
from codeorch.workers.context import TaskContext, WorkerTalk
from codeorch.workers.task_part import changed_contracts, heading

_ROOM_DIFF = 6_000  # characters of what others have changed in the file
_HOW = (
    "Mend this and nothing else: a diff against your file as it is now, then `result`. Is your "
    "file right, and what it meets elsewhere wrong: needs_other_files, with these files and what "
    "is wrong in them. Is nothing wrong: nothing_to_do, and why."
)


def continued_conversation(context: TaskContext, talk: WorkerTalk) -> Conversation:
    """Return a worker's conversation with a block at its end that says what is to be mended.

    Nothing that it was told or has written is said again; what others have changed in its file
    since is. No mark for the cache: as a rule this is its last turn, and a write costs more.
    """
    ended = respond(talk.conversation, "Your edit is in place.", "result", cache_mark=False)
    return ended.say("\n\n".join(_parts(context, talk)))


def _parts(context: TaskContext, talk: WorkerTalk) -> Iterator[str]:
    task = context.task
    yield f"{heading(task)}\n\n{task.goal}"
    yield task.diagnosis
    if changed := changed_contracts(context):
        yield changed
    if context.text != talk.text:
        yield _since(context, talk)
    yield _HOW


def _since(context: TaskContext, talk: WorkerTalk) -> str:
    before, after = talk.text.encode(), context.text.encode()
    diff = render(FilePatch(path=context.task.path, before=before, after=after))
    if len(diff) > _ROOM_DIFF:
        return "Your file was changed since your edit: read what you change."
    return f"Your file was changed since your edit:\n{fence(diff, 'diff')}"
