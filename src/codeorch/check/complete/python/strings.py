"""Strings that name what is not there: in `__all__`, in annotations, or for Python to look up."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from codeorch.check.complete.python.lookup import Lookup
from codeorch.check.complete.uses import Use
from codeorch.domain import Certainty
from codeorch.names.python.spelled import Step, spelled
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


def _is_spelled_wrong(lookup: Lookup, path: str, content: "SgNode", name: str) -> bool:
    """Whether a string names for Python to look up what is in no module or class of ours."""
    for step in spelled(lookup.types, path, content, name):
        if not step.may_lack and _is_lost(lookup, step):
            return content.text().find(name, step.start) >= 0
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
