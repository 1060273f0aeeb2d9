"""Strings that name what is not there: in `__all__`, in annotations, or for Python to look up."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from codeorch.check.complete.python.lookup import Lookup
from codeorch.check.complete.uses import Use
from codeorch.domain import Certainty
from codeorch.names.python.spelled import Step, entries, spelled
from codeorch.names.python.strings import is_annotation, is_listed
from codeorch.names.scopes import Names
from codeorch.names.trees import line, of_kind, span

if TYPE_CHECKING:
    from ast_grep_py import SgNode


def lost_strings(lookup: Lookup, path: str, found: Names) -> Iterator[Use]:
    """Find the strings that name what is not there."""
    name, names = found.name, lookup.types.names
    word = re.compile(rf"(?<![\w.]){re.escape(name)}(?!\w)")
    for content in of_kind(names.tree(path), "string_content"):
        text = content.text()
        if name not in text:
            continue
        if is_listed(content):
            if text == name and lookup.lacks(path, name) == "sure":
                yield _string(path, content, name, "sure", "`__all__` names what is not here")
        elif is_annotation(content):
            owner = found.lookup(content)
            bound = names.bound(path, owner, name)
            if not bound and word.search(text):
                yield _string(path, content, name, "sure", f"`{name}` is not defined here")
        elif _is_spelled_wrong(lookup, path, content, name):
            yield _string(path, content, name, "likely", f"`{text}` is looked up and not there")


def lost_entries(lookup: Lookup, configs: Mapping[str, str], name: str) -> Iterator[Use]:
    """Find the paths in configuration files that lead to what is not there."""
    for path, text in configs.items():
        for steps in entries(lookup.types, path, text, name):
            if _breaks_before(lookup, steps, text, name):
                start = steps[0].start
                at = text.count("\n", 0, start)
                why = "a configuration names what is not there"
                yield Use(
                    path=path, name=name, line=at + 1, start=start, role="string",
                    certainty="likely", why=why, receiver=text.split("\n")[at],
                )  # fmt: skip


def _is_spelled_wrong(lookup: Lookup, path: str, content: "SgNode", name: str) -> bool:
    """Whether a string names for Python to look up what is in no module or class of ours."""
    steps = spelled(lookup.types, path, content, name)
    return _breaks_before(lookup, steps, content.text(), name)


def _breaks_before(lookup: Lookup, steps: Iterable[Step], text: str, name: str) -> bool:
    """Whether a path in a text leads nowhere, at a name or before it."""
    for step in steps:
        if not step.may_lack and _is_lost(lookup, step):
            return text.find(name, step.start) >= 0
        if step.name == name:
            return False
    return False


def _is_lost(lookup: Lookup, step: Step) -> bool:
    lacking = [lookup.lacks(home, step.name) is not None for home in step.modules]
    lacking += [lookup.has(ref, step.name) is False for ref in step.classes]
    return all(lacking)


def _string(path: str, content: "SgNode", name: str, certainty: Certainty, why: str) -> Use:
    start = span(content)[0] + content.text().index(name)
    return Use(
        path=path, name=name, line=line(content), start=start,
        role="string", certainty=certainty, why=why, receiver=content.text(),
    )  # fmt: skip
