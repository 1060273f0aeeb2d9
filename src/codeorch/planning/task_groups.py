"""Tasks that are written once: a goal with named places, and the paths and values that fill it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING

from codeorch.retrieval.look_ups import is_glob, select_paths

if TYPE_CHECKING:
    from codeorch.planning.plan_form import GroupForm


@dataclass(frozen=True, slots=True)
class Groups:
    """The tasks of all groups, as forms like those of single tasks, and the groups' ids."""

    tasks: tuple[SimpleNamespace, ...]
    ids: Mapping[str, tuple[str, ...]]  # of the tasks of each group, also those of their own
    paths: Mapping[str, tuple[str, ...]]
    planned: Collection[str]  # all paths of the repository and of groups
    faults: tuple[str, ...] = ()  # globs that match nothing, values that fit no place

    def ids_in(self, needs: Sequence[str], of: str) -> tuple[str, ...]:
        """Put the tasks of a group in the place of its id; never the one whose needs they are."""
        ids = (one for need in needs for one in self.ids.get(need, (need,)) if one != of)
        return tuple(dict.fromkeys(ids))

    def paths_in(self, names: Sequence[str]) -> tuple[str, ...]:
        """Put paths in the place of groups' ids and globs; what matches nothing stays."""
        found = (
            path for name in names
            for path in self.paths.get(name) or _matches(name, self.planned) or (name,)
        )  # fmt: skip
        return tuple(dict.fromkeys(found))


def expand_groups(
    groups: Sequence["GroupForm"], paths: Collection[str], single: Mapping[str, str]
) -> Groups:
    """Write the tasks of each group out; `paths` are those of the repository.

    A path of `single`, which has a task of its own, is left out; but who needs the group needs
    that task, by its id in `single`.
    """
    tasks: list[SimpleNamespace] = []
    ids: dict[str, tuple[str, ...]] = {}
    paths_of: dict[str, tuple[str, ...]] = {}
    faults: list[str] = []
    for group in groups:
        rows = {path: dict[str, str]() for path in _paths(group, paths, faults)}
        for row in group.rows:
            if len(row.values) != len(group.names):
                faults.append(
                    f"Group {group.id!r}, {row.path}: {len(row.values)} values for the names "
                    f"{', '.join(group.names) or '(none)'}; give one for each."
                )
            rows[row.path] = dict(zip(group.names, row.values, strict=False))
        if not rows:
            faults.append(f"Group {group.id!r} has neither `paths` nor `rows`.")
        own_ids = tuple(single[path] for path in rows if path in single)
        rows = {path: values for path, values in rows.items() if path not in single}
        made = list(_tasks(group, rows, paths))
        tasks += made
        ids[group.id] = (*(task.id for task in made), *own_ids)
        paths_of[group.id] = tuple(rows)
    planned = {*paths, *(path for found in paths_of.values() for path in found)}
    return Groups(tuple(tasks), ids, paths_of, planned, tuple(faults))


def _paths(group: "GroupForm", paths: Collection[str], faults: list[str]) -> Iterator[str]:
    for name in group.paths:
        found = _matches(name, paths)
        if not found and is_glob(name):
            faults.append(f"Group {group.id!r}: {name!r} matches no file.")
        yield from found or (name,)


def _matches(glob: str, paths: Collection[str]) -> tuple[str, ...]:
    return select_paths(glob, paths) if is_glob(glob) else ()


def _tasks(
    group: "GroupForm",
    rows: Mapping[str, Mapping[str, str]],
    paths: Collection[str],
) -> Iterator[SimpleNamespace]:
    for number, (path, values) in enumerate(rows.items(), start=1):
        goal = group.template
        for name, value in {"path": path, **values}.items():
            goal = goal.replace(f"{{{name}}}", value)
        yield SimpleNamespace(
            id=f"{group.id}.{number}",
            path=path,
            goal=goal,
            needs=group.needs,
            worker=group.worker,
            action="edit" if path in paths else "create",
            old_path="",
            context=(),
            weight=1.0,
            diff="",
        )
