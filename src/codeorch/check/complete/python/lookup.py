"""What modules give and classes have, as far as their text tells."""

import re
from dataclasses import dataclass
from typing import Final

from codeorch.domain import Certainty
from codeorch.names.python.functions import CLASS_DECORATORS, decorators
from codeorch.names.python.members import member_bindings, standard_members
from codeorch.names.python.types import ClassRef, Types
from codeorch.names.trees import words

# Bases whose attributes are known, or none that a use would mean.
_HARMLESS: Final = words("object ABC Protocol Generic NamedTuple TypedDict Exception ValueError")
_OPEN_CLASS: Final = re.compile(r"__getattr|__setattr__|metaclass\s*=|setattr\(self|__dict__")
# What a module may be filled with while it runs.
_FILLED: Final = re.compile(
    r"globals\(\)\s*(?:\.(?:update|setdefault)|\[[^\]]*\]\s*=[^=])"
    r"|sys\.modules\[__name__\](?:\s*=[^=]|,)"
    r"|(?m:^\s*from (?!\.)\S+ import \*)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """Answers whether a name is there."""

    types: Types

    def holding(self, name: str) -> tuple[str, ...]:
        """Give the paths of the files that hold a name."""
        return self.types.names.holding(name)

    def lacks(self, path: str, name: str) -> Certainty | None:
        """Say how sure it is that a module does not give a name; None when it does."""
        if self.types.names.exported(path, name):
            return None
        text = self.types.names.texts[path]
        if _FILLED.search(text):
            return "maybe"
        if "def __getattr__" not in text:
            return "sure"
        return None if re.search(rf"[\"']{re.escape(name)}[\"']", text) else "likely"

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
        return frozenset(base for base in foreign if base.rpartition(".")[2] not in _HARMLESS)

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
