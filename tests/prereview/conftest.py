"""A branch on a small shop: `branch(changes)` commits them on `topic`, off `main`."""

import json

import pytest

from codeorch.cli import main

SHOP = {
    "shop/__init__.py": "",
    "shop/prices.py": (
        "def read_prices(path):\n    with open(path) as file:\n        return file.read()\n\n\n"
        "def rate(amount):\n    return amount\n\n\n"
        "class Base:\n    def cost(self):\n        return 1\n"
    ),
    "shop/report.py": (
        "from shop import prices\n\n\ndef report(path):\n    return prices.read_prices(path)\n"
    ),
    "shop/tax.py": (
        "from shop.prices import Base, rate\n\n\ndef tax(amount):\n    return rate(amount)\n\n\n"
        "class Tax(Base):\n    def cost(self):\n        return 2\n"
    ),
    "docs/guide.md": "# Guide\n\nCall `prices.read_prices(path)` first.\n",
}


@pytest.fixture
def shop(make_repo, monkeypatch):
    for name in ("PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF", "GITHUB_BASE_REF"):
        monkeypatch.delenv(name, raising=False)
    repo = make_repo(SHOP)
    monkeypatch.chdir(repo.root)
    return repo


@pytest.fixture
def write(shop):
    """Write files, as {path: text, (old, new) to exchange in it, or None to delete it}."""

    def change(changes):
        for path, content in changes.items():
            target = shop.root / path
            if content is None:
                target.unlink()
            elif isinstance(content, tuple):
                assert content[0] in target.read_text()
                target.write_text(target.read_text().replace(*content))
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(content)

    return change


@pytest.fixture
def branch(shop, write, run_git):
    def commit(changes, name="topic"):
        if name:
            run_git(shop.root, "switch", "-q", "-c", name)
        write(changes)
        run_git(shop.root, "add", "-A")
        run_git(shop.root, "commit", "-q", "-m", "change")

    return commit


@pytest.fixture
def call(capsys):
    def run(*args):
        code = main(("prereview", *args))
        out = capsys.readouterr()
        assert "Traceback" not in out.out + out.err
        return code, out.out, out.err

    return run


@pytest.fixture
def findings(call):
    """Run it and give what it found, as (rule, level, path, line)."""

    def run(*args):
        value = json.loads(call("--json", *args)[1])
        return [(f["rule"], f["level"], f["path"], f["line"]) for f in value["findings"]]

    return run
