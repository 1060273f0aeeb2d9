import pytest

from codeorch.planning.occurrences import literals


@pytest.mark.parametrize(
    ("request_", "found"),
    [
        ("Say `no room` to \"all men\" and 'the cat'", ["no room", "all men", "the cat"]),
        ("Don't touch the user's or a guest's things", []),
        ("Add --dry-run, and -v", ["--dry-run"]),
        ("`shop list --all` hangs", ["shop list --all", "--all"]),
        ("Set tool.shop.limit to 3.5", ["tool.shop.limit"]),
        ("Call `total()` of shop/cart.py", ["total"]),
        ("It ends with\nValueError: no room left\nat once", ["no room left"]),
        ("Do\n```toml\n[shop]\nmost = 3\n```\n", ["most = 3"]),
        ("`a` and `!!`", []),
    ],
)  # fmt: skip
def test_what_a_request_holds_literally(request_, found):
    assert [each.text for each in literals(request_)] == found


def test_what_a_program_fills_into_a_message_is_not_looked_for():
    (found,) = literals("It says \"room 12 of 'Hotel' is not free, ask in /lobby/desk please\"")
    assert found.parts == ("is not free, ask in",)


def test_an_expression_that_stands_nowhere_tells_nothing():
    told = {
        each.text: each.certain for each in literals("`Cart.total`, `total(x)`, `--all`, `so`s`")
    }
    assert told == {"Cart.total": False, "total(x)": False, "--all": True}


def test_types_and_defaults_are_no_parts_of_messages():
    (found,) = literals("a parameter `deep_merge: bool = False`, please")
    assert found.parts == ()
