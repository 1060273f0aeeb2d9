from codeorch.domain import RankedFile, Snapshot
from codeorch.git import LogEntry
from codeorch.retrieval.corpus import corpus_of, past_of
from codeorch.retrieval.expansion import expand
from codeorch.source import parse_file

TEXTS = {
    "shop/cart.py": "from shop.tax import rate_of\n\ndef total(cart):\n    return rate_of(cart)\n",
    "shop/tax.py": "def rate_of(cart):\n    return 0.2\n",
    "shop/tax_table.py": "RATES = {}\n",
    "mail/send.py": "def send(text):\n    print(text)\n",
    "mail/queue.py": "WAITING = []\n",
    "web/routes.py": "ROUTES = []\n",
    "tests/test_tax.py": "def test_rate():\n    assert rate_of(None)\n",
}
SNAPSHOT = Snapshot(
    commit="c" * 40,
    files={path: parse_file(path, text.encode()) for path, text in TEXTS.items()},
)


def commit(number, *paths):
    return LogEntry(commit=f"{number:040}", time=number, message=f"change {number}", paths=paths)


def expanded(confirmed, ranked=(), history=()):
    return expand(confirmed, ranked, corpus_of(SNAPSHOT), past_of(history))


def best(*args, **more):
    return [one.path for one in expanded(*args, **more)]


def test_what_often_changed_together_with_a_confirmed_file_comes_first():
    history = [commit(n, "shop/tax.py", "web/routes.py") for n in range(5)]
    history += [commit(n, "shop/tax.py", "mail/send.py", "mail/queue.py") for n in range(5, 6)]
    assert best(["shop/tax.py"], history=history)[0] == "web/routes.py"


def test_users_namesakes_and_neighbours_are_found_without_a_past():
    why = {one.path: {name for name, _ in one.why} for one in expanded(["shop/tax.py"])}
    assert "uses" in why["shop/cart.py"]
    assert "namesake" in why["shop/tax_table.py"]
    assert why["shop/cart.py"] >= {"folder"}
    assert "mail/send.py" not in why


def test_the_ranking_of_the_request_still_counts():
    ranked = [RankedFile(path="mail/send.py", score=3.0), RankedFile(path="web/routes.py", score=1)]
    assert best(["shop/tax.py"], ranked)[0] == "mail/send.py"


def test_confirmed_files_are_not_offered_again():
    history = [commit(n, "shop/tax.py", "shop/cart.py") for n in range(5)]
    ranked = [RankedFile(path="shop/tax.py", score=3.0)]
    assert not {"shop/tax.py", "shop/cart.py"} & {*best(["shop/tax.py", "shop/cart.py"], ranked)}
    assert "shop/cart.py" in best(["shop/tax.py"], ranked, history)


def test_a_second_confirmed_file_that_agrees_raises_the_score():
    history = [commit(n, "shop/tax.py", "web/routes.py") for n in range(4)]
    history += [commit(n, "mail/send.py", "web/routes.py") for n in range(4, 8)]

    def score(*confirmed):
        found = expanded(confirmed, history=history)
        return next(one.score for one in found if one.path == "web/routes.py")

    assert score("shop/tax.py", "mail/send.py") > score("shop/tax.py") > 0


def test_scores_have_one_scale_however_strong_the_signals_are():
    history = [commit(n, "shop/tax.py", "shop/cart.py", "shop/tax_table.py") for n in range(99)]
    ranked = [RankedFile(path=path, score=9.0) for path in TEXTS if path.startswith("shop")]
    assert all(0 < one.score < 1.2 for one in expanded(["shop/tax.py"], ranked, history))


def test_a_file_that_is_not_there_expands_to_nothing():
    assert expanded(["shop/gone.py"]) == ()
    assert expanded([]) == ()
