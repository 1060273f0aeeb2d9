"""Each file in languages/ holds a sample, and what must be found in it."""

from pathlib import Path

import pytest

from codeorch.languages import LANGUAGES, language_of
from codeorch.source.syntax import definitions, parse, strings_and_comments

SAMPLES = sorted(Path(__file__).with_name("languages").glob("*.txt"))
NO_NAMES = {"json", "yaml", "toml", "html", "css", "markdown"}


def sample(path):
    text, _, expected = path.read_text(encoding="utf-8").partition("\n=== found ===\n")
    return text + "\n", expected


def shown(text, language):
    parsed = parse(text, language)
    data = text.encode()
    lines = [f"errors: {parsed.errors}"] if parsed.errors else []
    lines += [
        f"{one.kind} {one.qualified} @{one.line}-{one.end_line} | {one.signature}"
        + (f" | {one.doc}" if one.doc else "")
        for one in parsed.symbols
    ]
    lines += [
        f"import {one.module} -> {', '.join(one.names)} @{one.line}" for one in parsed.imports
    ]
    lines += [f"{one.kind}: {one.name} @{one.line}" for one in parsed.references]
    quoted = (data[start:end].decode() for start, end in strings_and_comments(text, language))
    lines += [f"quoted: {part!r}" for part in quoted]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_is_read_as_written_down(path):
    text, expected = sample(path)
    assert shown(text, path.stem) == expected


def test_every_language_with_names_has_a_sample():
    assert {path.stem for path in SAMPLES} == LANGUAGES.keys() - NO_NAMES


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_offsets_and_lines_point_at_the_names(path):
    text, _ = sample(path)
    data = text.replace("Cart", "Çärt").encode()  # offsets count bytes
    parsed = parse(data.decode(), path.stem)
    assert parsed.references
    for symbol in parsed.symbols:
        assert data[symbol.name_start :].startswith(symbol.name.encode())
        assert symbol.start <= symbol.name_start < symbol.end
        assert symbol.line == data.count(b"\n", 0, symbol.start) + 1
    for reference in parsed.references:
        assert data[reference.start :].startswith(reference.name.encode())
        assert reference.line == data.count(b"\n", 0, reference.start) + 1


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_no_reference_is_a_definition_or_stands_in_a_string_or_comment(path):
    text, _ = sample(path)
    parsed = parse(text, path.stem)
    names = {symbol.name_start for symbol in parsed.symbols}
    quoted = strings_and_comments(text, path.stem)
    for reference in parsed.references:
        assert reference.start not in names
        assert not any(start <= reference.start < end for start, end in quoted), reference


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_quick_way_finds_the_same_definitions(path):
    text, _ = sample(path)
    names = sorted(symbol.name for symbol in parse(text, path.stem).symbols)
    assert sorted(definitions(text, path.stem)) == names


@pytest.mark.parametrize(
    ("path", "text", "language"),
    [
        ("a/b.py", "", "python"),
        ("b.pyi", "", "python"),
        ("App.TSX", "", "tsx"),
        ("lib.d.ts", "", "typescript"),
        ("x.jsx", "", "javascript"),
        ("Rakefile", "", "ruby"),
        ("a.h", "int f(void);", "c"),
        ("a.h", "namespace a {\nclass B;\n}", "cpp"),
        ("bin/run", "#!/usr/bin/env python3\n", "python"),
        ("bin/run", "#!/bin/sh -e\n", "bash"),
        ("bin/run", "#!/usr/bin/env -S node --x\n", "javascript"),
        ("bin/run", "#!/usr/bin/perl\n", ""),
        ("LICENSE", "", ""),
        (".py", "", ""),
        ("a.xyz", "#!/bin/sh\n", ""),
    ],
)
def test_the_language_follows_from_name_or_first_line(path, text, language):
    assert language_of(path, text) == language


@pytest.mark.parametrize(
    ("language", "text", "quoted"),
    [
        ("json", '{"a": "b"}', ['"a"', '"b"']),
        ("yaml", "a: 'b' # c", ["'b'", "# c"]),
        ("toml", 'a = "b" # c', ['"b"', "# c"]),
        ("html", '<a href="b">c</a><!-- d -->', ['"b"', "<!-- d -->"]),
        ("css", "a { content: 'b'; /* c */ }", ["'b'", "/* c */"]),
        ("markdown", "# a\n\n```\nb\n```\n", ["b\n"]),
    ],
)
def test_languages_without_names_have_strings_and_comments(language, text, quoted):
    found = strings_and_comments(text, language)
    assert [text[start:end] for start, end in found] == quoted
    assert parse(text, language) == parse("", "")


def test_broken_text_counts_its_errors_and_keeps_the_rest():
    parsed = parse("def good():\n    pass\n\ndef bad(:\n    pass\n", "python")
    assert parsed.errors > 0
    assert "good" in [symbol.name for symbol in parsed.symbols]


def test_an_unknown_language_has_nothing():
    assert parse("def f(): pass", "") == parse("def f(): pass", "cobol")
    assert parse("def f(): pass", "").symbols == ()
    assert strings_and_comments("'a'", "cobol") == ()


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("unit", ["[", "{", "(", "- ", "a.b("])
def test_deep_nesting_neither_crashes_nor_recurses(language, unit):
    text = unit * 2_000
    parse(text, language)
    strings_and_comments(text, language)


@pytest.mark.system
@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "[" * 1_000_000),
        ("python", "(" * 100_000 + "1" + ")" * 100_000),
        ("python", "a.b(" * 100_000 + ")" * 100_000),
        ("javascript", "f(a=>{" * 20_000 + "})" * 20_000),
        ("go", "package a\nfunc f() {" + "{" * 100_000 + "}" * 100_000 + "}"),
    ],
    ids=["a million open brackets", "parentheses", "calls", "functions", "blocks"],
)
def test_hostile_nesting_takes_no_more_time_than_its_length(language, text):
    parse(text, language)
    strings_and_comments(text, language)


def test_yaml_that_overflows_its_grammar_is_not_given_to_it():
    ladder = "".join(" " * depth + "a:\n" for depth in range(1_000))
    for text in ("- " * 1_000 + "a", ladder):
        assert parse(text, "yaml").errors == 1


def test_a_parse_is_given_up_after_its_time(monkeypatch):
    monkeypatch.setattr("codeorch.source.syntax.grammars._LONGEST", 0.0)
    assert parse("x = [1]\n" * 20_000, "python").errors == 1
