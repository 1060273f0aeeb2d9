"""What was asked and what came back: in one store, never paid for twice.

`RecordedModel` is the model that a run asks: it knows which question stood where in the run, and
looks into the `AnswerStore`. `ProcessModel` asks through the process that holds the keys; there
`StoredModel` puts each answer into the store before anything else is done with it.
"""

from codeorch.answers.open_model import Answers, ModelListener, open_model, store_file
from codeorch.answers.process_model import ProcessModel
from codeorch.answers.question_id import dump, load, question_id
from codeorch.answers.recorded_model import RecordedModel, Tally
from codeorch.answers.run_folder import RunFolder, RunSpec, all_runs
from codeorch.answers.run_log import RunLog, worker_of
from codeorch.answers.service_settings import address_of, service_of, with_service
from codeorch.answers.store import AnswerStore, StoredAnswer
from codeorch.answers.stored_model import StoredModel

__all__ = [
    "AnswerStore",
    "Answers",
    "ModelListener",
    "ProcessModel",
    "RecordedModel",
    "RunFolder",
    "RunLog",
    "RunSpec",
    "StoredAnswer",
    "StoredModel",
    "Tally",
    "address_of",
    "all_runs",
    "dump",
    "load",
    "open_model",
    "question_id",
    "service_of",
    "store_file",
    "with_service",
    "worker_of",
]
