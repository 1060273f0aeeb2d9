"""What a worker is shown of places that have only a name in common with its file."""

import pytest

from codeorch.domain import Task
from codeorch.workers import related_code

CACHE = "class Cache:\n    def get(self, key):\n        return key\n\n\ndef run():\n    pass\n"
OTHERS = {f"lib/f{n}.py": "def f(x):\n    return x.get(1)\n" for n in range(9)}
GET = Task(id="c", path="lib/cache.py", goal="`Cache.get` takes a default.")


@pytest.mark.parametrize(
    ("user", "meant"),
    [
        ("from lib.cache import Cache\n\nprint(Cache().get(1))\n", True),
        ("from lib.cache import Cache\n\n\ndef f(c: Cache):\n    c.get(1)\n", True),
        ("from lib.cache import Cache\n\nc = Cache()\nc.get(1)\n", True),
        ("import lib.cache\n\n\ndef f(app):\n    app.page_cache.get(1)\n", True),
        ("from lib.cache import Cache\n\n\nclass Own(Cache):\n    x = self.get(1)\n", True),
        ("import os\nfrom lib.cache import Cache\n\nos.environ.get('x')\n", False),
        ("from lib.cache import Cache\n\n{}.get(1)\n", False),
        ("from lib.cache import Cache\n\nget(1)\n", False),
        ("from lib.cache import run\n\n\nclass Own:\n    x = self.get(1)\n", False),
    ],
)
def test_a_common_method_is_meant_by_what_it_is_said_of(stage, user, meant):
    found = related_code.callers(
        stage({"lib/cache.py": CACHE, "app.py": user, **OTHERS}, GET).context()
    )
    assert [caller.path for caller in found.shown] == (["app.py"] if meant else [])
    assert list(found.doubtful) == ([] if meant else ["get in app.py"])


@pytest.mark.parametrize(
    ("user", "meant"),
    [
        ("from lib.cache import run\n\nrun()\n", True),
        ("from lib import cache\n\ncache.run()\n", True),
        ("import lib.cache as c\n\nc.run()\n", True),
        ("import lib.cache\nimport subprocess\n\nsubprocess.run([])\n", False),
    ],
)
def test_a_function_is_meant_bare_or_by_its_module(stage, user, meant):
    task = Task(id="c", path="lib/cache.py", goal="`run` takes a path.")
    found = related_code.callers(stage({"lib/cache.py": CACHE, "app.py": user}, task).context())
    assert [caller.path for caller in found.shown] == (["app.py"] if meant else [])


def test_a_name_of_several_words_is_meant_whatever_it_is_said_of(stage):
    files = {
        "lib/cache.py": "class Cache:\n    def get_or_make(self):\n        pass\n",
        "app.py": "import lib.cache\n\n\ndef f(x):\n    x.get_or_make()\n",
    }
    task = Task(id="c", path="lib/cache.py", goal="get_or_make takes a default.")
    assert [one.path for one in related_code.callers(stage(files, task).context()).shown] == [
        "app.py"
    ]


def test_plain_words_of_a_goal_are_no_definitions_but_when_few_files_hold_them(stage):
    files = {"lib/cache.py": CACHE, **OTHERS}
    goal = "Let callers get a default when they run out of keys."
    context = stage(files, Task(id="c", path="lib/cache.py", goal=goal)).context()
    assert related_code.targets(context) == ("run",)


def test_methods_of_other_things_are_not_shown_as_used_but_named(stage):
    files = {
        "lib/cache.py": CACHE,
        "app.py": "from lib.cache import Cache\n\nsettings = {}\nsettings.get(1)\nCache()\n",
        **OTHERS,
    }
    said = stage(files, Task(id="a", path="app.py", goal="change it")).own()
    assert "# Used by your file, from lib/cache.py\n```python\nclass Cache:" in said
    assert (
        "Not shown, definitions that your file may use by their name alone: "
        "Cache.get of lib/cache.py." in said
    )


def test_places_of_other_things_are_counted_when_they_are_many(stage):
    user = "import lib.cache\n\n{}.get(1)\n"
    files = {"lib/cache.py": CACHE} | {f"app{n}.py": user for n in range(11)}
    said = stage(files, GET).own()
    assert "# Uses what you change" not in said
    assert "places that may use what you change by their name alone: get in app0.py, " in said
    assert " and 3 more." in said


def test_a_command_is_not_taken_for_the_method_of_its_name(stage):
    files = {
        "tool/db.py": "class Table:\n    def rebuild_index(self):\n        pass\n",
        "tool/cli.py": "from tool.db import Table\n\n\ndef rebuild_index(path):\n    pass\n",
        "tests/test_db.py": "from tool import cli, db\n\n\ndef test_it(table):\n"
        "    table.rebuild_index()\n",
    }
    task = Task(id="t", path="tests/test_db.py", goal="Test `rebuild_index` in `test_it`.")
    found = related_code.used(stage(files, task).context())
    assert [(one.file.path, one.symbol.qualified) for one in found.shown] == [
        ("tool/db.py", "Table.rebuild_index")
    ]
    files["tests/test_db.py"] = "from tool import cli, db\n\ncli.rebuild_index('x')\n"
    found = related_code.used(stage(files, task).context())
    assert [one.file.path for one in found.shown] == ["tool/cli.py"]
