"""How long a worker's question and answer are: the question as it is, the answer as a rule."""

from codeorch.llm import Prompt
from codeorch.workers.context import TaskContext
from codeorch.workers.prompt_builder import CHARS_A_TOKEN

# Measured on 10,201 edits of files and 489 new files in the histories of eight projects in Python,
# TypeScript and Go, as diffs with three lines around each change and without line numbers; in
# characters, without the longest twentieth. Edits grow with their file, but ever less: 297 on
# average up to a size of 1,000, 861 from 3,000 to 6,000, 1,252 from 12,000 to 50,000, 1,343 above.
# A tenth is shorter than 215.
_EDIT, _OF_FILE, _LONG_EDIT = 300, 1 / 8, 1_250
_NEW_FILE = 1_650
SMALL_EDIT = 200
FORM = 60  # tokens of a result form with a summary of a sentence
_WEIGHTS = 0.25, 4.0  # what a planner's weight can mean for the length of an edit


def likely_answer(context: TaskContext) -> int:
    """Return how long a task's answer is as a rule, in tokens."""
    task = context.task
    edit = min(_LONG_EDIT, _EDIT + _OF_FILE * len(context.text)) if context.file else _NEW_FILE
    least, greatest = _WEIGHTS
    return int(edit / CHARS_A_TOKEN * min(greatest, max(least, task.weight))) + FORM


def question_tokens(prompt: Prompt) -> tuple[int, int]:
    """Return how many tokens a prompt's last message has, and how many come before it."""
    talk = prompt.conversation
    own = int(len(talk.last_text) / CHARS_A_TOKEN)
    return own, int(talk.length / CHARS_A_TOKEN) - own
