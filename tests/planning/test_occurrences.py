from functools import partial

import pytest

from codeorch.domain import RankedFile
from codeorch.planning.findings import Findings
from codeorch.planning.occurrences import places
from codeorch.retrieval import CodeNames, find_lines, read_snapshot

SHOP = {
    "shop/cart.py": (
        "LIMIT = 3\n\n\ndef check_room(name, size):\n    if size > LIMIT:\n"
        '        raise ValueError(f"no room for {name} in the cart")\n'
    ),
    "shop/cli.py": (
        'from shop.cart import check_room\n\nadd_option("--dry-run")\ncheck_room(1, 2)\n'
    ),
    "tests/test_cart.py": (
        "from shop.cart import check_room\n\n\ndef test_it():\n"
        "    with raises(\"no room for 'melon' in the cart\"):\n        check_room('melon', 9)\n"
    ),
    "settings.toml": "[shop]\nmax-items = 3\n",
    "ci.yml": "run: shop --dry-run\n",
    "docs/use.md": "Call check_room, or `shop --dry-run`.\nSet max-items in settings.toml.\n",
}


@pytest.fixture
def told(make_repo, reading):
    """Say where a request's texts and names stand in a real repository."""

    def tell(request, files=SHOP, ranked=(), lose=lambda _: None):
        repo = make_repo(files)
        lose(repo)
        snapshot = read_snapshot(repo, repo.resolve("HEAD"))
        findings = Findings(
            snapshot=snapshot,
            ranked=tuple(RankedFile(path=path, score=1.0) for path in ranked),
            names=CodeNames(repo, snapshot),
            lines=partial(find_lines, repo, snapshot),
            reading=reading,
        )
        return places(request, findings)

    return tell


def test_an_option_is_found_in_code_settings_and_docs(told):
    assert told("Drop `--dry-run`").split("\n") == [
        "`--dry-run`:",
        '- shop/cli.py:3: add_option("--dry-run")',
        "- ci.yml:1: run: shop --dry-run",
        "- docs/use.md:1: Call check_room, or `shop --dry-run`.",
    ]


def test_a_key_is_found_in_settings_and_docs(told):
    assert told("Let `max-items` be 4").split("\n")[1:] == [
        "- settings.toml:2: max-items = 3",
        "- docs/use.md:2: Set max-items in settings.toml.",
    ]


def test_a_definition_comes_first_then_uses_tests_and_docs(told):
    found = told("check_room takes a unit", ranked=["shop/cli.py"]).split("\n")
    assert found == [
        "`check_room`:",
        "- shop/cart.py:4: def check_room(name, size):",
        "- shop/cli.py:1: from shop.cart import check_room",
        "- shop/cli.py:4: check_room(1, 2)",
        "- tests/test_cart.py:1: from shop.cart import check_room",
        "- tests/test_cart.py:6: check_room('melon', 9)",
        "- docs/use.md:1: Call check_room, or `shop --dry-run`.",
    ]


def test_a_message_with_values_filled_in_is_found_where_a_program_makes_it(told):
    said = "no room for 'melon' in the cart"
    found = told(f'Mend "{said}"').split("\n")
    assert found[:2] == [f"`{said}`:", '- tests/test_cart.py:5: with raises("' + said + '"):']
    assert found[2] == f"`in the cart`, a part of `{said}`:"
    assert found[3] == '- shop/cart.py:6: raise ValueError(f"no room for {name} in the cart")'


def test_phrases_are_found_in_any_case_and_words_only_as_written(told):
    found = told('It says "No Room For" again, whatever the `limit`').split("\n")
    assert found[1].startswith("- shop/cart.py:6: raise ValueError")
    assert found[-1] == "Nowhere in the repository: `limit`"


def test_what_is_left_out_is_said(told):
    files = {f"docs/{n:02}.md": "use --fast\nor --fast\n" for n in range(12)}
    found = told("Drop --fast", files=files).split("\n")
    assert len(found) == 5
    assert found[-1] == (
        "- and 21 more lines, in docs/01.md (1), docs/02.md (2), docs/03.md (2), docs/04.md (2), "
        "docs/05.md (2) and 6 more files"
    )


def test_a_name_that_is_everywhere_is_not_listed(told):
    files = {f"f{n}.py": "def run():\n    pass\n" for n in range(7)}
    assert told("Mend `run` for good", files=files) == "Too common to list: `run` (in 7 files)"


def test_texts_for_which_there_is_no_room_are_named(told):
    words = [f"--{letter * 90}" for letter in "abcdefghijklmnopqrstuvwxyz"]
    files = {"cli.py": "".join(f'add("{word}", "{"x" * 99}")\n' * 3 for word in words)}
    found = told("Drop " + " ".join(words), files=files).split("\n")
    assert found[-1].startswith("Left out for lack of room: `--")
    assert sum(map(len, found)) < 13_000


def test_files_that_nobody_wrote_and_longer_words_do_not_count(told):
    files = {
        "vendor/x.py": "a = '--fast'\n",
        "cli.py": "a = '--faster', '--fast-mode', 'x--fast'\n",
        "blob.bin": b"\0--fast\n",
    }
    assert told("Drop --fast", files=files) == "Nowhere in the repository: `--fast`"


def test_a_long_line_is_cut_around_the_text(told):
    files = {"data.json": '{"' + "a" * 500 + '": "--fast"}\n'}
    (line,) = told("Drop --fast", files=files).split("\n")[1:]
    assert line.startswith("- data.json:1: …aaa")
    assert line.endswith('--fast"}')


def test_lines_that_are_data_are_passed_over(told):
    data = b'"' + b"x --fast " * 300_000 + b'"'
    files = {"a.yml": data, "b.yml": b"run: shop --fast\n", "c.yml": data + b"\n"}
    assert told("Drop --fast", files=files).split("\n")[1:] == ["- b.yml:1: run: shop --fast"]


def test_what_git_cannot_read_is_passed_over_in_silence(told, run_git, capfd):
    def lose(repo):
        lost = run_git(repo.root, "rev-parse", "HEAD:shop/cli.py").strip()
        (repo.git_dir / "objects" / lost[:2] / lost[2:]).unlink()

    found = told("Drop `--dry-run`", lose=lose).split("\n")
    assert found[1] == "- ci.yml:1: run: shop --dry-run"
    assert "unable to read" not in capfd.readouterr().err
