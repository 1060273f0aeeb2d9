import asyncio
import json
from dataclasses import replace

from codeorch.engine.receipts import Receipts, clear
from codeorch.llm import Prompt

PROMPT = Prompt(key="k", model="m", user="hello")


def ask(model, *users):
    async def all_of_them():
        return [(await model.ask(replace(PROMPT, user=user))).text for user in users]

    return asyncio.run(all_of_them())


def killed(model, folder, *users):
    """Ask, and end without a word."""
    receipts = Receipts(model, folder)
    ask(receipts, *users)
    receipts._file.close()


def test_what_a_killed_process_was_answered_is_not_asked_again(counting, tmp_path):
    killed(counting, tmp_path, "one", "two")
    resumed = Receipts(counting, tmp_path)
    assert ask(resumed, "one", "three") == ["re one", "re three"]
    assert counting.asked == ["one", "two", "three"]
    asyncio.run(resumed.aclose())
    assert list(tmp_path.iterdir()) == []


def test_a_receipt_cut_off_by_the_kill_is_not_believed(counting, tmp_path):
    killed(counting, tmp_path, "one", "two")
    file = next(tmp_path.iterdir())
    file.write_bytes(file.read_bytes()[:-20])
    killed(counting, tmp_path, "one", "two")
    assert counting.asked == ["one", "two", "two"]


def test_a_process_that_ends_well_leaves_nothing(counting, tmp_path):
    receipts = Receipts(counting, tmp_path)
    ask(receipts, "one")
    written = [
        json.loads(line) for file in tmp_path.iterdir() for line in file.read_text().splitlines()
    ]
    assert [line["reply"]["text"] for line in written] == ["re one"]
    asyncio.run(receipts.aclose())
    assert list(tmp_path.iterdir()) == []
    assert counting.closed


def test_gc_leaves_the_receipts_of_living_processes(counting, tmp_path):
    living = Receipts(counting, tmp_path)
    ask(living, "one")
    (tmp_path / "dead.jsonl").write_text("")
    clear(tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
    asyncio.run(living.aclose())
