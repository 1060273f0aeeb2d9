"""A package's public names, loaded when somebody asks for one (PEP 562).

__getattr__ = lazy_names(__name__, {"snapshot": ("read_snapshot",)})
"""

import importlib
from collections.abc import Callable, Collection, Mapping
from typing import Any


def lazy_names(package: str, homes: Mapping[str, Collection[str]]) -> Callable[[str], Any]:
    """Return the `__getattr__` of a package: `homes` gives the names of each of its modules."""
    home_of = {name: home for home, names in homes.items() for name in names}

    def load(name: str) -> Any:  # noqa: ANN401 - whatever is asked for
        if name not in home_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"{package}.{home_of[name]}"), name)

    return load
