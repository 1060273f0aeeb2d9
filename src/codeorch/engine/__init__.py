"""Questions -> answers that are never paid for twice.

The port is `Engine`; its adapters keep the answers on disk (`durable`) or in memory (`inline`).
`Journal` is the model that a run asks: it knows which question stood where in the run.
"""

from codeorch.engine.inline import InlineEngine
from codeorch.engine.journal import Journal, Tally
from codeorch.engine.port import Engine, Exchange, Question, content_id
from codeorch.engine.runlog import RunLog
from codeorch.engine.runs import RunFolder, Started, all_runs

__all__ = [
    "Engine",
    "Exchange",
    "InlineEngine",
    "Journal",
    "Question",
    "RunFolder",
    "RunLog",
    "Started",
    "Tally",
    "all_runs",
    "content_id",
]
