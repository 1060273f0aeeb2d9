"""What holds for the table of languages as a whole."""

import subprocess
import sys
from importlib import resources, util

import pytest

from codeorch.analysis.ast_grep import GRAMMARS
from codeorch.languages import FAMILIES, LANGUAGES


def test_each_value_stands_under_its_own_name():
    assert {name: language.name for name, language in LANGUAGES.items()} == {
        name: name for name in LANGUAGES
    }
    assert {name: family.name for name, family in FAMILIES.items()} == {
        name: name for name in FAMILIES
    }


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_what_a_language_names_is_there(language):
    queries = resources.files("codeorch") / "languages"
    assert util.find_spec(language.grammar)
    assert all((queries / f"{name}.scm").is_file() for name in language.queries)
    assert {language.ast_grep} <= {*GRAMMARS, ""}
    assert {language.family} <= {*FAMILIES, ""}
    assert language.ast_grep or not language.family


def test_one_suffix_belongs_to_one_language_or_the_text_decides():
    plain = [each for each in LANGUAGES.values() if each.looks_like is None]
    suffixes = [suffix for each in plain for suffix in each.suffixes]
    assert len(suffixes) == len(set(suffixes))


def test_the_facts_are_there_before_any_parser():
    """Whoever wants a fact, such as `codeorch --help`, waits for no reader and no grammar."""
    loaded = "import sys, codeorch.languages; print(*sys.modules)"
    names = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "codeorch.languages.python" in names
    heavy = ("tree_sitter", "ast_grep_py", "codeorch.source")
    assert [name for name in names if name.startswith(heavy)] == []
    assert [name for name in names if name.endswith((".references", ".rename", ".imports"))] == []
