"""C++: what sets it apart from C, whose scopes and classes it shares.

Definitions, imports and uses are read by the patterns of `cpp.scm`.
"""

import re
from dataclasses import replace
from typing import Final

from codeorch.analysis.ast_grep import words
from codeorch.languages import c

LANGUAGE: Final = replace(
    c.LANGUAGE,
    name="cpp",
    grammar="tree_sitter_cpp",
    ast_grep="cpp",
    suffixes=(".cc", ".cpp", ".cxx", ".c++", ".hh", ".hpp", ".hxx", ".ipp", ".h"),
    looks_like=re.compile(
        r"^\s*(class\s+\w+|namespace\b|template\s*<|public:|private:|using\s+\w)", re.MULTILINE
    ),
    tests=re.compile(r"_test\.(cc|cpp)$", re.IGNORECASE),
    generated=re.compile(r"\.pb\.(cc|h)$|(^|/)moc_\w+\.cpp$", re.IGNORECASE),
    receivers=c.RECEIVERS,
    keywords=c.LANGUAGE.keywords
    | words(
        """alignas and asm bool catch class concept constexpr decltype delete explicit export false
        friend mutable namespace new noexcept not nullptr operator or private protected public
        requires template this throw true try typeid typename using virtual xor"""
    ),
)
