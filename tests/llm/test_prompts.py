from codeorch.domain import WorkerKind
from codeorch.llm.prompts import catalogue, fence, kinds


def test_the_catalogue_lists_predefined_kinds_and_the_users():
    own = {"poet": WorkerKind(description="writes odes", instructions="rhyme")}
    names = [line.partition(":")[0] for line in catalogue(own).split("\n")]
    assert names == [
        "- implementer", "- refactorer", "- test writer", "- documentation", "- configuration",
        "- codemod", "- poet",
    ]  # fmt: skip
    assert "writes odes" in catalogue(own)
    assert "poet" not in catalogue()


def test_a_users_kind_replaces_the_predefined_one():
    own = {"codemod": WorkerKind(description="d", instructions="mine")}
    assert kinds(own)["codemod"].instructions == "mine"
    assert kinds()["codemod"].model == "cheap"


def test_no_text_closes_its_own_fence():
    assert fence("a\n````\nb", "md") == "`````md\na\n````\nb\n`````"
