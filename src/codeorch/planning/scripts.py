"""A planner's scripts -> edits of many files, each a task like any other."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from codeorch.domain import EditScript, FilePatch, ScriptResult, Snapshot, Task
from codeorch.edits import render
from codeorch.llm.prompts import fence
from codeorch.planning.findings import RunScript
from codeorch.planning.plan_schema import Draft


def run_scripts(
    draft: Draft, snapshot: Snapshot, run: RunScript | None
) -> tuple[Draft, tuple[str, ...]]:
    """Return the draft with a task for each file of its scripts, and what is wrong with these.

    A file that a script fails on, or leaves as it is, goes to a worker with the reason.
    """
    if not draft.scripts:
        return draft, ()
    tasks: list[Task] = []
    refusals: list[str] = []
    owners = {task.path for task in draft.plan.tasks}
    for script in draft.scripts:
        strange = [path for path in script.paths if path not in snapshot.files]
        if run is None or strange:
            why = f"{strange[0]} is no file" if strange else "scripts are switched off"
            refusals.append(f"Script {script.id!r}: {why}.")
            continue
        paths = [path for path in script.paths if path not in owners]
        texts = {path: snapshot.bare(path).text for path in paths}
        results = run(script.code, texts)
        made = list(_tasks(script, texts, results))
        if texts and not any(task.diff for task in made):
            reasons = {results[path].error or "it changes nothing" for path in texts}
            refusals.append(f"Script {script.id!r} changes no file: {min(reasons)}")
        tasks += made
    plan = replace(draft.plan, tasks=(*draft.plan.tasks, *tasks), scripts=draft.scripts)
    return replace(draft, plan=plan, scripts=()), tuple(refusals)


def _tasks(
    script: EditScript, texts: Mapping[str, str], results: Mapping[str, ScriptResult]
) -> Iterator[Task]:
    for number, (path, text) in enumerate(texts.items(), start=1):
        result = results[path]
        task = Task(id=f"{script.id}.{number}", path=path, goal=script.goal)
        if result.error or result.text == text:
            why = f"failed here ({result.error})" if result.error else "changed nothing here"
            yield replace(task, goal=f"{script.goal}\n\nA script that was to do this {why}.")
        else:
            before, after = (one.encode("utf-8", "surrogatepass") for one in (text, result.text))
            diff = render(FilePatch(path=path, before=before, after=after))
            yield replace(task, diff=diff, answer=fence(diff, "diff"))
