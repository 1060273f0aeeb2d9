"""Class or module of Python -> what it has, as far as its text tells."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import of_kind
from codeorch.analysis.scopes import Occurrence
from codeorch.domain import Certainty
from codeorch.languages.python.class_nodes import ClassRef
from codeorch.languages.python.facts import PLAIN_BASES
from codeorch.languages.python.nodes import CLASS_DECORATORS, decorators
from codeorch.languages.python.types import Types

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node


def member_bindings(types: Types, path: str, name: str) -> Iterator[tuple[ClassRef, Occurrence]]:
    """Find where classes of a file define a name: in their body, or as `self.name = ...`."""
    for each in types.names.names(path, name).occurrences:
        if each.owner is not None and each.owner[2] == "class_definition":
            yield ClassRef(path=path, scope=each.owner), each
        elif each.role == "member" and (ref := _class_of_self(types, each)):
            yield ref, each


def is_assigned(attribute: "Node") -> bool:
    """Whether `x.name` is what an assignment or a loop sets."""
    return _target_statement(attribute) is not None


def _class_of_self(types: Types, each: Occurrence) -> ClassRef | None:
    attribute = each.node.parent()
    value = attribute.field("object") if attribute else None
    if attribute is None or value is None or value.kind() != "identifier":
        return None
    statement = _target_statement(attribute)
    return types.enclosing_class(each.path, value) if statement else None


def _target_statement(attribute: "Node") -> "Node | None":
    child = attribute
    for parent in attribute.ancestors():
        if parent.kind() in ("assignment", "augmented_assignment", "for_statement"):
            return parent if parent.field("left") == child else None
        if parent.kind() not in ("pattern_list", "tuple_pattern", "list_pattern"):
            return None
        child = parent
    return None


@cache
def standard_members() -> frozenset[str]:
    """Give the attributes of common types of the standard library, which any value may have."""
    import argparse  # noqa: PLC0415 - all of these only to read their attribute names
    import collections  # noqa: PLC0415
    import contextlib  # noqa: PLC0415
    import datetime as dt  # noqa: PLC0415
    import io  # noqa: PLC0415
    import logging  # noqa: PLC0415
    import pathlib  # noqa: PLC0415
    import re  # noqa: PLC0415
    import threading  # noqa: PLC0415
    import unittest  # noqa: PLC0415

    common = (
        str, bytes, int, float, list, tuple, dict, set, type, BaseException, io.TextIOWrapper,
        io.BytesIO, pathlib.Path, re.Pattern, re.Match, dt.datetime, dt.timedelta,
        collections.deque, collections.Counter, collections.OrderedDict, contextlib.ExitStack,
        threading.Thread, threading.Event, unittest.TestCase, logging.Logger, logging.Handler,
        argparse.ArgumentParser, argparse.Namespace, property, staticmethod,
    )  # fmt: skip
    return frozenset(name for each in common for name in dir(each))


_OPEN_CLASS: Final = re.compile(r"__getattr|__setattr__|metaclass\s*=|setattr\(self|__dict__")
# What a module may be filled with while it runs.
_FILLED: Final = re.compile(
    r"globals\(\)\s*(?:\.(?:update|setdefault)|\[[^\]]*\]\s*=[^=])"
    r"|sys\.modules\[__name__\](?:\s*=[^=]|,)"
    r"|(?m:^\s*from (?!\.)\S+ import \*)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLookup:
    """Answers whether a name is there."""

    types: Types

    def files_with(self, name: str) -> tuple[str, ...]:
        """Give the paths of the files that hold a name."""
        return self.types.names.files_with(name)

    def lacks(self, path: str, name: str) -> Certainty | None:
        """Say how sure it is that a module does not give a name; None when it does."""
        if self.types.names.resolve_export(path, name):
            return None
        text = self.types.names.texts[path]
        if _FILLED.search(text):
            return "maybe"
        if "def __getattr__" not in text:
            return "sure"
        strings = of_kind(self.types.names.tree(path), "string_content")
        return None if any(each.text() == name for each in strings) else "likely"

    def has(self, ref: ClassRef, name: str) -> bool | None:
        """Whether a class has a member; None when it may get it from elsewhere."""
        around = {ref, *self.types.ancestors(ref)}
        for path in {one.path for one in around}:
            if any(one in around for one, _ in member_bindings(self.types, path, name)):
                return True
        if self.outer_bases(ref):
            return None
        foreign = any(True for one in around for _ in self.types.foreign_bases(one))
        if name in (standard_members() if foreign else dir(object)):
            return None
        open_ones = (_OPEN_CLASS.search(self.types.node(one).text()) for one in around)
        return None if any(open_ones) or any(map(self._is_remade, around)) else False

    def outer_bases(self, ref: ClassRef) -> frozenset[str]:
        """Name what a class derives from elsewhere, and may get any member of."""
        around = {ref, *self.types.ancestors(ref)}
        foreign = {base for one in around for base in self.types.foreign_bases(one)}
        return frozenset(base for base in foreign if base.rpartition(".")[2] not in PLAIN_BASES)

    def is_left_to(self, ref: ClassRef, name: str) -> bool:
        """Whether the bases of a class declare a method without a body, and it can be made."""
        above = self.types.ancestors(ref)
        own = {base.rpartition(".")[2] for base in self.types.foreign_bases(ref)}
        if "abstractmethod" in self.types.node(ref).text() or own & {"ABC", "Protocol"}:
            return False  # it may be abstract itself
        if self.outer_bases(ref):
            return False
        found = [
            "abstractmethod" in decorators(node)
            for path in {one.path for one in above}
            for one, each in member_bindings(self.types, path, name)
            if one in above and (node := each.node.parent()) is not None
        ]
        return bool(found) and all(found)

    def _is_remade(self, ref: ClassRef) -> bool:
        """Whether a decorator may have given a class more members."""
        return not decorators(self.types.node(ref)) <= CLASS_DECORATORS
