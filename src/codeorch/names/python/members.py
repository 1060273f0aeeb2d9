"""What classes in Python code define, in their body or on `self`."""

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from codeorch.names.python.types import ClassRef, Types
from codeorch.names.scopes import Occurrence

if TYPE_CHECKING:
    from ast_grep_py import SgNode


def member_bindings(types: Types, path: str, name: str) -> Iterator[tuple[ClassRef, Occurrence]]:
    """Find where classes of a file define a name: in their body, or as `self.name = ...`."""
    for each in types.names.names(path, name).occurrences:
        if each.owner is not None and each.owner[2] == "class_definition":
            yield ClassRef(path=path, scope=each.owner), each
        elif each.role == "member" and (ref := _assigned_on_self(types, each)):
            yield ref, each


def is_assigned(attribute: "SgNode") -> bool:
    """Whether `x.name` is what an assignment or a loop sets."""
    return _target_statement(attribute) is not None


def _assigned_on_self(types: Types, each: Occurrence) -> ClassRef | None:
    attribute = each.node.parent()
    value = attribute.field("object") if attribute else None
    if attribute is None or value is None or value.kind() != "identifier":
        return None
    statement = _target_statement(attribute)
    return types.enclosing_class(each.path, value) if statement else None


def _target_statement(attribute: "SgNode") -> "SgNode | None":
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
