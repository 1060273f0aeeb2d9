"""The form of a plan, as pydantic reads it: what a model or a plan file may say.

Loaded by `plan_schema` when a plan is read or offered, as pydantic takes 0.1 s. Empty lists may be
left out. Descriptions are read by models in every call, so they are short.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from codeorch.domain import Action, Effort, LookUp, Strategy

_ID = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$"


def _drop_docstring(schema: dict[str, Any]) -> None:
    schema.pop("description", None)


class Strict(BaseModel):
    """A form that takes no other fields than its own; models do not read its docstring."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_drop_docstring)


class WorkerForm(Strict):
    """How a task is worked on."""

    role: str = "implementer"
    instructions: str = ""
    model: str = ""
    effort: Effort | None = None
    tools: list[LookUp] = Field(default_factory=list)


class TaskForm(Strict):
    """One edit, move or deletion of one file."""

    id: str = Field(pattern=_ID)
    path: str = Field(min_length=1)
    action: Action = "edit"
    old_path: str = Field("", description="for a rename: the path before")
    goal: str = Field("", description="needed where a worker makes the edit")
    diff: str = Field("", description="the finished edit, where you have read the lines")
    needs: list[str] = Field(default_factory=list)
    context: list[str] = Field(default_factory=list)
    weight: float = Field(1.0, gt=0, le=100)
    worker: WorkerForm = WorkerForm()


class RowForm(Strict):
    """A file of a group, with the values for its goal."""

    path: str = Field(min_length=1)
    values: list[str] = Field(default_factory=list)


class GroupForm(Strict):
    """One goal for many files."""

    id: str = Field(pattern=_ID)
    template: str = Field(description="a goal, with {name} for a value of the row")
    paths: list[Annotated[str, Field(min_length=1)]] = Field(
        default_factory=list, description="paths or globs without values"
    )
    names: list[str] = Field(default_factory=list, description="of the values in each row")
    rows: list[RowForm] = Field(default_factory=list)
    needs: list[str] = Field(default_factory=list)
    worker: WorkerForm = WorkerForm()


class ScriptForm(Strict):
    """A function from text to text for many files."""

    id: str = Field(pattern=_ID)
    purpose: str
    paths: list[Annotated[str, Field(min_length=1)]] = Field(
        min_length=1, description="paths or globs"
    )
    code: str


class ContractForm(Strict):
    """What tasks agree on."""

    symbol: str = Field(min_length=1)
    signature: str
    defined_in: str
    used_in: list[str] = Field(default_factory=list)
    import_line: str = ""


class QuestionForm(Strict):
    """What the request leaves open."""

    text: str
    assumption: str
    blocks: bool = False


class DroppedForm(Strict):
    """An open task that is not needed any more."""

    task: str
    why: str


class ExcuseForm(Strict):
    """Why uses of a name stay as they are."""

    name: str
    path: str = ""
    why: str = Field(min_length=1)


class PlanForm(Strict):
    """A plan, or what changes in one."""

    rationale: str = ""
    tasks: list[TaskForm] = Field(default_factory=list)
    groups: list[GroupForm] = Field(default_factory=list)
    contracts: list[ContractForm] = Field(default_factory=list)
    codemods: list[str] = Field(default_factory=list)
    scripts: list[ScriptForm] = Field(default_factory=list)
    strategy: Strategy = "top-down"
    questions: list[QuestionForm] = Field(default_factory=list)
    next_stage: str = ""
    dropped: list[DroppedForm] = Field(default_factory=list)
    excuses: list[ExcuseForm] = Field(default_factory=list)
