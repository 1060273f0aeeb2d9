"""Which words of a text are names in code: those written like code, and those that are rare."""

import re

from codeorch.names.places import Names

_QUOTED = re.compile(r"`([^`\n]+)`")
_PATH_OF_NAMES = re.compile(r"[@.&*$]*([A-Za-z_]\w*(?:(?:\.|::|#|->)\w+)*)(?:\W*|\s*[(<\[].*)")
_CALLED = re.compile(r"(\w+)\(")
_MARKED = re.compile(r"\b(?:\w+_\w+|_\w+|[a-z]+[A-Z]\w*|[A-Z]\w*[a-z][A-Z]\w*)\b")
_DOTTED = re.compile(r"(?<![\w./-])[A-Za-z_]\w*(?:\.[A-Za-z_]\w+)+(?![\w/])")
_WORD = re.compile(r"[A-Za-z_]\w+")
_SHORT = 3  # letters; so short a plain word is no name
_SHARE = 0.01  # of the files of code: what no more of them hold tells files apart
_FEW, _MANY = 3, 8  # files, whatever their share is: a definition, a use and a test


def code_words(text: str) -> set[str]:
    """Name the words of a text that are surely code: quoted alone, called, or with inner marks.

    Of a quoted phrase, such as a command, a word counts only if it would count without quotes.
    """
    spans = filter(None, (_PATH_OF_NAMES.fullmatch(span) for span in _QUOTED.findall(text)))
    quoted = [name for span in spans for name in _WORD.findall(span[1])]
    return {*quoted, *_CALLED.findall(text), *_MARKED.findall(text)}


def names_in(text: str, names: Names, files: int) -> tuple[str, ...]:
    """Name the definitions that a text speaks of, in its order; `files` hold code.

    A word that is not written like code counts if something is called so and few files hold it:
    the fewer they are, the less it is a word of the language (inverse document frequency).
    """
    sure = sure_words(text)
    most = max(_FEW, min(_MANY, int(files * _SHARE)))
    words = dict.fromkeys(_WORD.findall(text))
    plain = (word for word in words if word not in sure and len(word) > _SHORT)
    rare = {word for word in plain if is_rare(word, names, most)}
    return tuple(word for word in words if word in sure or word in rare)


def sure_words(text: str) -> set[str]:
    """Name the words of a text that are written like code, parts of dotted names included."""
    dotted = (part for found in _DOTTED.findall(text) for part in found.split("."))
    return {*code_words(text), *dotted}


def is_rare(word: str, names: Names, most: int) -> bool:
    """Whether code that is no test defines a name, and at most so many files hold it."""
    definers = names.definers(word, tests=False)
    return bool(definers) and len({*definers, *names.users(word)}) <= most
