"""Text of models and programs -> text that shows all that it holds."""

import re
import unicodedata

_ODD = re.compile(r"[^\n\t\x20-\x7e]")

_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def visible(text: str) -> str:
    """Show what moves the cursor or cannot be seen as escapes."""
    return _ODD.sub(_shown, text)


def inline(text: str) -> str:
    """Show a text of one line; line ends in it are shown, too."""
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def _shown(found: re.Match[str]) -> str:
    char = found[0]
    if unicodedata.category(char) not in _CATEGORIES:
        return char
    return char.encode("unicode_escape", "surrogatepass").decode()
