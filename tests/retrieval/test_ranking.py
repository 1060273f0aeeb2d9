import pytest

from codeorch.domain import Snapshot
from codeorch.git import LogEntry
from codeorch.retrieval.fusion import rank_in_memory
from codeorch.source import parse_file


def shop(**more):
    texts = {
        "shop/cart.py": "from shop.tax import rate_of\n\nclass Cart:\n    def total(self):\n"
        "        return sum(self.items) * rate_of(self)\n",
        "shop/tax.py": "def rate_of(cart):\n    return 0.2\n",
        "shop/mail.py": "def send_mail(to, text):\n    print(to, text)\n",
        "shop/web/routes.py": "ROUTES = ['/cart', '/mail']\n",
        "shop/web/static.py": "FOLDER = 'static'\n",
        "tests/test_cart.py": "def test_total():\n    assert Cart().total() == 0\n",
        "tests/test_mail.py": "",
        "docs/cart.md": "# Cart\nThe total of a cart.\n",
        "vendor/cart/cart.py": "class Cart: pass\n",
    }
    files = {path: parse_file(path, text.encode()) for path, text in (texts | more).items()}
    return Snapshot(commit="c" * 40, files=files)


def best(text, history=(), **more):
    return [one.path for one in rank_in_memory(text, shop(**more), history)]


def commit(number, message, *paths):
    return LogEntry(commit=f"{number:040}", time=number, message=message, paths=paths)


def test_only_sources_are_ranked():
    assert set(best("the total of a cart")) <= {path for path in shop().files if "shop/" in path}


def test_the_file_that_talks_about_it_comes_first():
    assert best("compute the total of the items differently")[0] == "shop/cart.py"


@pytest.mark.parametrize(
    "text",
    [
        "change the constant in shop/web/static.py please",
        "static.py has a wrong constant",
        "shop.web.static is wrong",
        'File "/srv/app/shop/web/static.py", line 1, in <module>',
        "see shop\\web\\static.py",
    ],
)
def test_a_mentioned_file_comes_first(text):
    assert best(text)[0] == "shop/web/static.py"


def test_the_file_that_defines_a_mentioned_name_comes_first():
    assert best("rename `rate_of` to `tax_rate`")[0] == "shop/tax.py"


def test_past_commits_with_like_words_point_at_their_files():
    history = [commit(1, "Throttle newsletters", "shop/mail.py"), commit(2, "Other", "shop/tax.py")]
    assert best("throttle the newsletters", history)[0] == "shop/mail.py"
    assert "shop/mail.py" not in best("throttle the newsletters")


def test_what_uses_a_good_file_and_is_changed_with_it_comes_along():
    why = {one.path: dict(one.why) for one in rank_in_memory("shop/tax.py", shop())}
    assert why["shop/cart.py"]["uses"] > 0
    history = [commit(n, f"change {n}", "shop/cart.py", "shop/web/static.py") for n in range(5)]
    why = {one.path: dict(one.why) for one in rank_in_memory("class Cart", shop(), history)}
    assert why["shop/web/static.py"]["together"] > 0


def test_a_score_is_the_sum_of_its_reasons():
    ranked = rank_in_memory("the total of the cart in shop/cart.py", shop())
    assert ranked
    for one in ranked:
        assert one.score == pytest.approx(sum(part for _, part in one.why))
    assert [one.score for one in ranked] == sorted((one.score for one in ranked), reverse=True)


def test_the_limit_keeps_the_best():
    whole = rank_in_memory("cart mail", shop())
    assert rank_in_memory("cart mail", shop(), limit=2) == whole[:2]


@pytest.mark.parametrize("text", ["", "   ", "??? !!!", "the and of", "カートの合計"])
def test_a_request_without_useful_words_ranks_nothing(text):
    assert rank_in_memory(text, shop()) == ()


def test_no_files_no_ranking():
    assert rank_in_memory("cart", Snapshot(commit="c" * 40, files={})) == ()
