"""The rule of agreement, row by row: what own analysis proposes, and what an engine says of it."""

import pytest

from codeorch.analysis.ast_grep import word
from codeorch.analysis.proposals import Evidence, Place, Proposal, RenameResult
from codeorch.analysis.text_edits import TextEdit
from codeorch.engines import Answer, Arbiter, Opinion, Question, Spot, Vote
from codeorch.engines.opinion import Hearing
from codeorch.errors import UserError

TEXT = "one\nfill()\n"
SPOT = Spot("a.py", 4)
EDIT = TextEdit(start=4, end=8, text="pour")
BINDING = (Evidence.SCOPE, Evidence.IMPORT, Evidence.CLASS)
DOUBT = (Evidence.GUESS, Evidence.UNKNOWN)
ELSEWHERE = (Vote(Answer.OTHER, "b.py:7"), Vote(Answer.LIBRARY))
SILENT = (None, Vote(Answer.NONE))


def hearing_about(text):
    """A conversation with a server, before anything was said."""
    question = Question(old="fill", new="pour", family=[], ours=set(), spots=[])
    return Hearing(question=question, texts={"a.py": text}, word=word("fill"))


def judge(evidence, vote, *, in_rename=False, role="member", in_code=True):
    """What becomes of one use: the evidence it ends with, and why; None = it is left out."""
    place = Place(path="a.py", start=4, line=2)
    own = () if evidence is None else (Proposal(place=place, edit=EDIT, evidence=evidence),)
    opinion = Opinion(
        engine="toy 1",
        votes={SPOT: vote} if vote else {},
        edits={SPOT: EDIT} if in_rename else {},
    )
    roles = {SPOT: role} if role else {}
    arbiter = Arbiter(
        old="fill", new="pour", texts={"a.py": TEXT}, opinion=opinion,
        occurrences={SPOT} if in_code else set(), roles=roles,
    )  # fmt: skip
    (judged,) = arbiter.judge(RenameResult(proposals=own)).proposals or (None,)
    assert judged is None or (judged.place, judged.edit) == (place, EDIT)
    return judged and (judged.evidence, judged.why)


@pytest.mark.parametrize("evidence", [*BINDING, Evidence.TYPE])
@pytest.mark.parametrize("vote", [Vote(Answer.OURS), *SILENT])
def test_what_own_analysis_proves_is_edited_where_nobody_objects(evidence, vote):
    assert judge(evidence, vote) == (evidence, "")
    assert judge(evidence, vote, in_rename=True) == (evidence, "")


@pytest.mark.parametrize("evidence", DOUBT)
def test_a_guess_is_edited_only_with_a_yes(evidence):
    assert judge(evidence, Vote(Answer.OURS)) == (Evidence.ENGINE, "")
    assert judge(evidence, None, in_rename=True) == (Evidence.ENGINE, "")
    assert [judge(evidence, vote) for vote in SILENT] == [(evidence, "")] * 2


@pytest.mark.parametrize("evidence", DOUBT)
@pytest.mark.parametrize("vote", ELSEWHERE)
def test_a_guess_that_is_defined_elsewhere_is_foreign(evidence, vote):
    assert judge(evidence, vote) is None


@pytest.mark.parametrize("vote", ELSEWHERE)
def test_a_type_that_the_engine_contradicts_is_to_look_at(vote):
    evidence, why = judge(Evidence.TYPE, vote)
    assert (evidence, "toy finds it" in why) == (Evidence.UNKNOWN, True)


@pytest.mark.parametrize("evidence", BINDING)
@pytest.mark.parametrize("vote", ELSEWHERE)
def test_a_binding_that_the_engine_contradicts_refuses_the_run(evidence, vote):
    with pytest.raises(UserError, match=r"a\.py:2 means .* but toy finds it") as error:
        judge(evidence, vote)
    assert (vote.place or "in a library") in error.value.message


@pytest.mark.parametrize("evidence", [*BINDING, Evidence.TYPE])
def test_a_keyword_of_a_library_goes_by_our_own_rule(evidence):
    assert judge(evidence, Vote(Answer.LIBRARY), role="key") == (evidence, "")


@pytest.mark.parametrize("evidence", [*BINDING, *DOUBT, Evidence.TYPE])
@pytest.mark.parametrize("in_rename", [False, True])
def test_what_may_be_either_is_to_look_at(evidence, in_rename):
    vote = Vote(Answer.MIXED, "b.py:7")
    found = judge(evidence, vote, in_rename=in_rename)
    assert found == (Evidence.UNKNOWN, "toy finds it here or at b.py:7")


@pytest.mark.parametrize("vote", [Vote(Answer.OURS), *SILENT, *ELSEWHERE])
def test_strings_are_for_own_analysis_alone(vote):
    assert judge(Evidence.TEXT, vote) == (Evidence.TEXT, "")


@pytest.mark.parametrize("role", ["key", "other", None])
def test_what_own_analysis_has_not_seen_is_for_the_engine(role):
    assert judge(None, Vote(Answer.OURS), role=role) == (Evidence.ENGINE, "")
    assert judge(None, None, in_rename=True, role=role) == (Evidence.ENGINE, "")
    assert [judge(None, vote, role=role) for vote in (*SILENT, *ELSEWHERE)] == [None] * 4
    evidence, _ = judge(None, Vote(Answer.MIXED), role=role)
    assert evidence is Evidence.UNKNOWN


@pytest.mark.parametrize("role", ["binding", "use", "member", "import"])
@pytest.mark.parametrize("vote", [Vote(Answer.OURS), Vote(Answer.MIXED), *SILENT, *ELSEWHERE])
def test_what_own_analysis_knows_as_another_is_left(role, vote):
    if (role, vote) != ("member", Vote(Answer.OURS)):
        assert judge(None, vote, role=role) is None


def test_a_member_that_only_an_engine_knows_is_to_look_at():
    evidence, why = judge(None, Vote(Answer.OURS), role="member")
    assert (evidence, "toy finds it here" in why) == (Evidence.UNKNOWN, True)


@pytest.mark.parametrize("role", ["binding", "use"])
def test_a_foreign_binding_in_the_engines_rename_refuses_the_run(role):
    with pytest.raises(UserError, match=r"a\.py:2 is another `fill` by its scope"):
        judge(None, Vote(Answer.OURS), in_rename=True, role=role)


@pytest.mark.parametrize("role", ["member", "import", "source"])
def test_a_foreign_member_in_the_engines_rename_is_to_look_at(role):
    evidence, why = judge(None, None, in_rename=True, role=role)
    assert (evidence, "toy would rename it" in why) == (Evidence.UNKNOWN, True)


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        (4, 8, "pour(); evil"),
        (0, 10, "pour"),
        (4, 10, "pour"),
        (4, 8, "fill: evil"),
    ],
)
def test_an_edit_of_a_server_that_is_no_rename_is_none(start, end, text):
    hearing = hearing_about(TEXT)
    hearing.take("a.py", [TextEdit(start=start, end=end, text=text)])
    assert hearing.edits == {}


@pytest.mark.parametrize(
    "text", ["pour", "fill: pour", "pour: fill", "fill as pour", "pour as fill"]
)
def test_an_edit_of_a_server_may_keep_the_name_on_its_other_side(text):
    hearing = hearing_about(TEXT)
    edit = TextEdit(start=4, end=8, text=text)
    hearing.take("a.py", [edit])
    assert hearing.edits == {SPOT: edit}


def test_what_only_an_engine_reads_as_code_is_no_edit():
    evidence, why = judge(None, None, in_rename=True, role=None, in_code=False)
    assert (evidence, why) == (Evidence.UNKNOWN, "only toy reads it as code")
    assert judge(None, Vote(Answer.OURS), role=None, in_code=False) is None
