from pathlib import Path

from codeorch.planning.faults import Limits
from codeorch.planning.plan_file import read_text

PAGE = Path(__file__).parents[2] / "docs" / "planning.md"


def test_the_plan_file_in_the_documentation_is_valid():
    example = PAGE.read_text(encoding="utf-8").partition("```toml\n")[2].partition("```")[0]
    limits = Limits(paths=("calc/core.py", "calc/room.py", "calc/house.py"), max_tasks=5)
    draft = read_text(example, "plan.toml", limits)
    assert [task.id for task in draft.plan.tasks] == ["core", "room"]
    assert draft.codemods == ("rename function `area` to `surface`",)
