"""Plan -> what its workers will probably cost, before any of them is asked."""

from dataclasses import replace

from codeorch.config import Settings
from codeorch.domain import Estimate, Spread, Usage
from codeorch.llm import Prompt
from codeorch.llm.prices import cost
from codeorch.names.places import SnapshotNames
from codeorch.work.context import first_approach, prompt_for
from codeorch.work.scene import Scene, View, Views
from codeorch.work.shared import shared_part

_CHARS_A_TOKEN = 3.5  # of code and prose, on average
_FORM = 250  # tokens of the result form
_SHARE = 0.25  # of its file that an edit writes, as a rule
_AGAIN = 1.2  # attempts that a task takes, as a rule


def estimate(scene: Scene, settings: Settings) -> Estimate:
    """Say what the workers of a plan will use: at the least, probably, at the most.

    The prompts are those that the workers would get now; what their prerequisites will have done
    is not in them. At the most, each task takes all attempts with answers as long as its file
    allows. The cost is None when the price of a model is not known. Later rounds are not counted.
    """
    scene = replace(scene, shared=shared_part(scene))
    views = Views(scene.plan, scene.names or SnapshotNames(scene.snapshot))
    total = Estimate()
    for task in scene.plan.tasks:
        if not task.answer:
            total += _of_task(views.view(task, scene), settings, first=not total.calls.likely)
    return total


def _of_task(view: View, settings: Settings, *, first: bool) -> Estimate:
    prompt = prompt_for(view, first_approach(view, settings), settings)
    written = max(300, int(len(view.text) / _CHARS_A_TOKEN * _SHARE)) + _FORM
    if view.file is None:
        written = int(1_200 * max(1.0, view.task.weight)) + _FORM
    longest = min(prompt.max_tokens, 4 * written)
    low = _usage(prompt, written // 2, 1, first=first)
    likely = _usage(prompt, written, _AGAIN, first=first)
    attempts = 1 + len(settings.retry_ladder)  # the most that a task takes, without look-ups
    high = _usage(prompt, longest, attempts, first=first)
    return Estimate(
        calls=Spread(low=1, likely=_AGAIN, high=attempts),
        input_tokens=Spread(low=_read(low), likely=_read(likely), high=_read(high)),
        output_tokens=Spread(
            low=low.output_tokens, likely=likely.output_tokens, high=high.output_tokens
        ),
        cost_usd=_spread([cost(prompt.model, usage) for usage in (low, likely, high)]),
    )


def _usage(prompt: Prompt, written: int, attempts: float, *, first: bool) -> Usage:
    """Count the tokens of some attempts; all but the first of a run read its beginning cached."""
    common = int((len(prompt.system) + len(prompt.shared)) / _CHARS_A_TOKEN)
    own = int((len(prompt.user) + len(prompt.news)) / _CHARS_A_TOKEN)
    # Each further attempt sends the talk so far again.
    talk = (own + written) * max(0.0, attempts - 1)
    return Usage(
        calls=1,
        input_tokens=int(own + talk),
        output_tokens=int(written * attempts),
        cache_write_tokens=common if first else 0,
        cache_read_tokens=int(common * (attempts - first)),
    )


def _read(usage: Usage) -> float:
    return usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens


def _spread(costs: list[float | None]) -> Spread | None:
    known = [one for one in costs if one is not None]
    return Spread(low=known[0], likely=known[1], high=known[2]) if len(known) == 3 else None
