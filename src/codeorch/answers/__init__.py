"""What was asked and what came back: in one store, never paid for twice.

`RecordedModel` is the model that a run asks: it knows which question stood where in the run, and
looks into the `AnswerStore`. `ProcessModel` asks through the process that holds the keys; there
`StoredModel` puts each answer into the store before anything else is done with it.
"""

from codeorch.answers.process_model import ProcessModel
from codeorch.answers.question_id import question_id
from codeorch.answers.recorded_model import RecordedModel, Tally
from codeorch.answers.run_folder import RunFolder, RunSpec, all_runs
from codeorch.answers.run_log import RunLog
from codeorch.answers.store import AnswerStore, StoredAnswer
from codeorch.answers.stored_model import StoredModel

__all__ = [
    "AnswerStore",
    "ProcessModel",
    "RecordedModel",
    "RunFolder",
    "RunLog",
    "RunSpec",
    "StoredAnswer",
    "StoredModel",
    "Tally",
    "all_runs",
    "question_id",
]
