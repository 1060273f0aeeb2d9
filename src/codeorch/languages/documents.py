"""Data and prose: they are parsed for errors and quotes, and nothing in them is a name.

TOML and Markdown are the two that ast-grep does not bring along.
"""

from typing import Final

from codeorch.analysis.language import Language, Syntax

JSON: Final = Language(
    name="json", grammar="tree_sitter_json", ast_grep="json", suffixes=(".json",)
)
YAML: Final = Language(
    name="yaml",
    grammar="tree_sitter_yaml",
    ast_grep="yaml",
    suffixes=(".yaml", ".yml"),
    # Its scanner overflows a buffer at some 250 levels; each level needs a column.
    refused=r"(?m)^[ \t\-?:]{200}|(- ){99}",
)
TOML: Final = Language(name="toml", grammar="tree_sitter_toml", suffixes=(".toml",))
HTML: Final = Language(
    name="html", grammar="tree_sitter_html", ast_grep="html", suffixes=(".html", ".htm")
)
CSS: Final = Language(
    name="css",
    grammar="tree_sitter_css",
    ast_grep="css",
    syntax=Syntax(surroundings=(("", ""), ("a {", "}"))),
    suffixes=(".css",),
    is_bundled=True,
)
MARKDOWN: Final = Language(
    name="markdown", grammar="tree_sitter_markdown", suffixes=(".md", ".markdown")
)
