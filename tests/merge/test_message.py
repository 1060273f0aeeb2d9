import subprocess

import pytest

from codeorch.domain import Request
from codeorch.merge.message import Style, change_type, squash_message, style_of, task_message

PLAIN = Style(conventional=False, capital=True)
CONVENTIONAL = Style(conventional=True, capital=False)


def request(text="Give every sum a unit"):
    return Request(text=text, base="b")


@pytest.mark.parametrize(
    ("subjects", "style"),
    [
        (["feat: a", "fix(core)!: b", "Merge it"], CONVENTIONAL),
        (["feat: Add", "chore: Bump"], Style(conventional=True, capital=True)),
        (["Add a thing", "Mend it", "fix: once"], PLAIN),
        (["add a thing", "mend it"], Style(conventional=False, capital=False)),
        (["feature: no", "http: server starts"], Style(conventional=False, capital=False)),
        ([], PLAIN),
    ],
    ids=["conventional", "with capitals", "imperative", "small letters", "other prefixes", "none"],
)
def test_the_style_is_what_most_subjects_do(subjects, style):
    assert style_of(subjects) == style


@pytest.mark.parametrize(
    ("goal", "style", "subject"),
    [
        ("give area a unit.", PLAIN, "Give area a unit"),
        ("Give area a unit. Default to 1.", PLAIN, "Give area a unit"),
        ("Give area a unit", CONVENTIONAL, "feat: give area a unit"),
        ("Rename `a` to `b`", CONVENTIONAL, "refactor: rename `a` to `b`"),
        ("fix the sum", CONVENTIONAL, "fix: fix the sum"),
        ("area_of gets a unit", PLAIN, "area_of gets a unit"),
        ("HTTP goes", CONVENTIONAL, "refactor: HTTP goes"),
        ("x_" * 50, PLAIN, "x_" * 34 + " ..."),
        ("\x1b[31m", PLAIN, "[31m"),
        ("\u202e", PLAIN, "Change as asked"),
    ],
    ids=range(10),
)
def test_the_subject_tells_the_goal(step, goal, style, subject):
    message = task_message([step("t1", "a.py", b"1", b"2", goal=goal)], request(), "id", style)
    assert message.split("\n")[0] == subject
    assert len(subject) <= 72


@pytest.mark.parametrize(
    ("goal", "subject"),
    [
        (
            "Let every area of a room take a unit, with metres as the default of the new parameter",
            "Let every area of a room take a unit, with metres as the default ...",
        ),
        (
            "Rename the option so that it is spelled like others: `calc area --unit m` is right",
            "Rename the option so that it is spelled like others ...",
        ),
        (
            "Give areas a unit so that\ncallers can say metres.",
            "Give areas a unit so that callers can say metres",
        ),
        ("Give areas a unit\nThey have none so far.", "Give areas a unit"),
        (
            "Take units, e.g. metres, from v1.2 on. No more.",
            "Take units, e.g. metres, from v1.2 on",
        ),
    ],
    ids=["no dangling word", "no torn quotation", "wrapped", "a title", "stops that end nothing"],
)
def test_a_subject_ends_where_a_reader_would(step, goal, subject):
    message = task_message([step("t1", "a.py", b"1", b"2", goal=goal)], request(), "id", PLAIN)
    assert message.split("\n")[0] == subject


def test_the_body_tells_the_whole_goal_and_what_it_is_part_of(step):
    goal = "Give area a unit. The default is 1, so that callers need not change."
    message = task_message([step("t1", "a.py", b"1", b"2", goal=goal)], request(), "r1", PLAIN)
    assert message == (
        "Give area a unit\n\n"
        "Give area a unit. The default is 1, so that callers need not change.\n\n"
        "Part of: Give every sum a unit\n\n"
        "Codeorch-Run: r1\nCodeorch-Task: t1\n"
    )


def test_what_the_subject_says_is_not_said_again(step):
    message = task_message(
        [step("t1", "a.py", b"1", b"2", goal="Do it.")], request("do it"), "r1", PLAIN
    )
    assert message == "Do it\n\nCodeorch-Run: r1\nCodeorch-Task: t1\n"


def test_the_files_of_a_codemod_share_a_commit_that_names_their_tasks(step):
    goal = "rename `a` to `b`"
    made = [step(f"t{n}", f"pkg/{n}.py", b"1", b"2", goal=goal) for n in (1, 2)]
    message = task_message(made, request(goal), "r1", PLAIN)
    assert message == (
        "Rename `a` to `b`\n\nCodeorch-Run: r1\nCodeorch-Task: t1\nCodeorch-Task: t2\n"
    )


def test_one_commit_for_all_lists_the_goals(step):
    steps = [
        step("t1", "a.py", b"1", b"2", goal="rename it"),
        step("t2", "b.py", b"1", b"2", goal="rename it"),
        step("t3", "c.py", b"1", b"2", goal="use it"),
    ]
    message = squash_message(steps, request("Rename and use it"), "r1", CONVENTIONAL)
    assert message == (
        "refactor: rename and use it\n\n- rename it (2 files)\n- use it\n\nCodeorch-Run: r1\n"
    )


def test_no_text_of_a_request_is_taken_for_a_trailer(step, tmp_path):
    text = "Do it\n\nSigned-off-by: Eve <eve@example.org>\nCodeorch-Run: forged"
    message = squash_message([step("t1", "a.py", b"1", b"2", goal="g")], request(text), "r1", PLAIN)
    argv = ["git", "interpret-trailers", "--parse"]
    found = subprocess.run(argv, input=message, capture_output=True, text=True, check=True).stdout
    assert found == "Codeorch-Run: r1\n"


def test_the_message_holds_no_hidden_characters(step):
    evil = "evil \x1b]0;x\x07 \u202e text \U000e0041 \ue000"
    message = task_message(
        [step("t\x1b1", "a.py", b"1", b"2", goal=evil)], request(evil), "id", PLAIN
    )
    assert all(c == "\n" or c.isprintable() for c in message)


@pytest.mark.parametrize(
    ("goal", "paths", "kind"),
    [
        ("say more", ["README.md", "docs/a.rst"], "docs"),
        ("cover it", ["tests/test_a.py", "src/a.spec.ts"], "test"),
        ("mend the sum", ["a.py"], "fix"),
        ("support units", ["a.py", "README.md"], "feat"),
        ("move it", ["a.py"], "refactor"),
    ],
)
def test_the_kind_of_a_change_follows_from_its_files_and_its_goal(goal, paths, kind):
    assert change_type(goal, paths) == kind
