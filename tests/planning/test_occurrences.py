from functools import partial

import pytest

from codeorch.planning.findings import Findings
from codeorch.planning.occurrences import forms_found, lines_with, literals
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
def stand(make_repo, reading):
    """Say where the texts of a request stand in a real repository, by the form that is shown."""

    def find(request, files=SHOP, lose=lambda _: None):
        repo = make_repo(files)
        lose(repo)
        snapshot = read_snapshot(repo, repo.resolve("HEAD"))
        findings = Findings(
            snapshot=snapshot,
            ranked=(),
            names=CodeNames(repo, snapshot),
            lines=partial(find_lines, repo, snapshot),
            reading=reading,
        )
        asked = literals(request)
        lines = lines_with(asked, findings)
        return {
            form: [f"{line.path}:{line.number}" for line in lines[form]]
            for each in asked
            for form in forms_found(each, lines, findings)
        }

    return find


@pytest.mark.parametrize(
    ("request_text", "places"),
    [
        ("Drop `--dry-run`", ["ci.yml:1", "docs/use.md:1", "shop/cli.py:3"]),
        ("Let `max-items` be 4", ["docs/use.md:2", "settings.toml:2"]),
    ],
)
def test_a_text_is_found_in_code_settings_and_docs(stand, request_text, places):
    (found,) = stand(request_text).values()
    assert sorted(found) == places


def test_a_message_with_values_filled_in_is_found_where_a_program_makes_it(stand):
    said = "no room for 'melon' in the cart"
    assert stand(f'Mend "{said}"') == {
        said: ["tests/test_cart.py:5"],
        "in the cart": ["shop/cart.py:6", "tests/test_cart.py:5"],
    }


def test_phrases_are_found_in_any_case_and_words_only_as_written(stand):
    found = stand('It says "No Room For" again, whatever the `limit`')
    assert found == {"No Room For": ["shop/cart.py:6", "tests/test_cart.py:5"]}


def test_longer_words_do_not_count(stand):
    files = {"cli.py": "a = '--faster', '--fast-mode', 'x--fast'\n", "blob.bin": b"\0--fast\n"}
    assert stand("Drop --fast", files=files) == {}


def test_lines_that_are_data_are_passed_over(stand):
    data = b'"' + b"x --fast " * 300_000 + b'"'
    files = {"a.yml": data, "b.yml": b"run: shop --fast\n", "c.yml": data + b"\n"}
    assert stand("Drop --fast", files=files) == {"--fast": ["b.yml:1"]}


def test_what_git_cannot_read_is_passed_over_in_silence(stand, run_git, capfd):
    def lose(repo):
        lost = run_git(repo.root, "rev-parse", "HEAD:shop/cli.py").strip()
        (repo.git_dir / "objects" / lost[:2] / lost[2:]).unlink()

    found = stand("Drop `--dry-run`", lose=lose)["--dry-run"]
    assert sorted(found) == ["ci.yml:1", "docs/use.md:1"]
    assert "unable to read" not in capfd.readouterr().err
