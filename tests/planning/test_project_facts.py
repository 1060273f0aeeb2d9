"""Project facts: what manifests, settings, guides and changelogs say, one line each."""

import pytest

from codeorch.planning.project_facts import project_facts

PYPROJECT = """\
[project]
name = "shop"
version = "1.4.0"
requires-python = ">=3.10"
classifiers = [
  "Programming Language :: Python :: 3.10",
  "Programming Language :: Python :: 3.9",
  "Programming Language :: Python :: 3.13",
]
dependencies = ["click>=8", "httpx[http2]>=0.27; python_version > '3.9'"]

[tool.ruff]
line-length = 88
format.quote-style = "single"
lint.select = ["E", "F"]
lint.pydocstyle.convention = "google"

[tool.mypy]
strict = true

[tool.pytest.ini_options]
asyncio_mode = "auto"
addopts = "--doctest-modules"
filterwarnings = ["error", "ignore::UserWarning"]

[dependency-groups]
test = ["pytest-asyncio"]
"""
CHANGES = "# Changes\n\n## 1.5.0 (unreleased)\n\n- Carts add up.\n\n## 1.4.0\n\n- Old.\n"
CONTRIBUTING = """\
# Contributing

Clone the repository and install everything. You must run the tests.

## Changes

- Add an entry to CHANGES.md for what users can see.
- Write docstrings for new functions,
  and update the docs.
- We meet on Mondays.

```
tests must not be quoted from here
```
"""


COMMAND, MODE = "python -m pytest; runs here", "asyncio_mode auto; tests use pytest-asyncio"
RELEASED = "is released, so a new one belongs above it"
BY_HAND, MADE = "is kept by hand", "the changelog is made of them"


@pytest.fixture
def facts(snapshot_of):
    def read(files, **more):
        return project_facts(snapshot_of(files), **more)

    return read


def test_a_python_project(facts):
    files = {
        "pyproject.toml": PYPROJECT,
        "CHANGES.md": CHANGES,
        "CONTRIBUTING.md": CONTRIBUTING,
        "shop/cart.py": "def total(): ...\n",
        "tests/test_cart.py": "def test(): ...\n",
    }
    found = facts(files, test_command=COMMAND)
    assert found.text(4_000).split("\n") == [
        "Code: python 2 files, 1 of them tests",
        "Supports: Python >=3.10, tested on 3.9 to 3.13",
        "Depends on: click>=8, httpx[http2]>=0.27",
        "Version: 1.4.0 (pyproject.toml)",
        f"Tests: {COMMAND}; unexpected warnings are errors in tests; {MODE}",
        "Examples: examples in docstrings run as tests (--doctest-modules)",
        "Style: ruff: lines of 88, quotes single, rules E F, docstrings google; mypy, strict",
        f"Changelog: CHANGES.md {BY_HAND}; its top section is what comes next, 1.5.0; it begins:",
        "  # Changes",
        "  ## 1.5.0 (unreleased)",
        "  - Carts add up.",
        "  ## 1.4.0",
        "  - Old.",
        "Guides say:",
        "  CONTRIBUTING.md:7: Add an entry to CHANGES.md for what users can see.",
        "  CONTRIBUTING.md:8: Write docstrings for new functions, and update the docs.",
    ]


PACKAGE = """{
  "version": "2.0.0", "type": "module", "engines": {"node": ">=20"},
  "peerDependencies": {"react": "^19"}, "dependencies": {"zod": "^4.1"},
  "prettier": {"singleQuote": true, "semi": false}
}"""


def test_a_script_project(facts):
    tsconfig = '{\n  // strict\n  "compilerOptions": {"target": "ES2022", "strict": true,}\n}\n'
    found = facts({"package.json": PACKAGE, "tsconfig.json": tsconfig, "eslint.config.mjs": "1\n"})
    assert found.versions == ("node >=20", "ES modules", "TypeScript target ES2022, strict")
    assert found.dependencies == ("react ^19", "zod ^4.1")
    assert found.version == "2.0.0 (package.json)"
    assert found.style == ("prettier: no semi, singleQuote", "eslint")


@pytest.mark.parametrize(
    ("path", "text", "versions"),
    [
        ("go.mod", "module x\n\ngo 1.23\n\nrequire github.com/a/b v1.2.0\n", ("Go 1.23",)),
        ("Cargo.toml", '[package]\nedition = "2024"\nrust-version = "1.85"\n',
         ("Rust edition 2024", "rustc 1.85")),
        ("setup.py", "setup(python_requires='>=3.8')\n", ("Python >=3.8",)),
        ("setup.cfg", "[options]\npython_requires = >=3.9\n", ("Python >=3.9",)),
        ("pom.xml", "<maven.compiler.release>17</maven.compiler.release>", ("Java 17",)),
        ("build.gradle.kts", "java { toolchain { languageVersion = JavaLanguageVersion.of(21) } }",
         ("Java 21",)),
        ("composer.json", '{"require": {"php": "^8.2"}}', ("PHP ^8.2",)),
    ],
)  # fmt: skip
def test_versions_of_other_languages(facts, path, text, versions):
    assert facts({path: text}).versions == versions


def test_the_manifest_of_the_package_that_matters_counts_beside_the_root_s(facts):
    files = {
        "pyproject.toml": "[tool.ruff]\nline-length = 120\n",
        "packages/core/package.json": '{"version": "3.1.0", "dependencies": {"vite": "7"}}',
        "packages/core/src/node/a.ts": "export {}\n",
        "packages/other/package.json": '{"version": "9.9.9"}',
    }
    found = facts(files, near=["packages/core/src/node/a.ts"])
    assert found.version == "3.1.0 (packages/core/package.json)"
    assert found.dependencies == ("vite 7",)


@pytest.mark.parametrize(
    ("files", "habit"),
    [
        ({"newsfragments/12.feature.rst": "x\n", "newsfragments/README.md": "how\n",
          "NEWS.rst": "1.0\n"},
         f"entries are files in newsfragments/, such as 12.feature.rst; {MADE}"),
        ({".changeset/brave-cats.md": "x\n"},
         f"entries are files in .changeset/, such as brave-cats.md; {MADE}"),
        ({"changes/77.bugfix.md": "x\n"},
         f"entries are files in changes/, such as 77.bugfix.md; {MADE}"),
        ({"CHANGELOG.md": "<!-- generated by a tool, do not edit -->\n## 1.0.0\n"},
         "CHANGELOG.md is generated: no entry by hand (generated by a tool, do not edit)"),
        ({"CHANGELOG.md": "## 1.0\n" + "- a ([abc](https://x.org/commit/abc))\n" * 4},
         "CHANGELOG.md is made of commits: no entry by hand"),
        ({"release-please-config.json": "{}"}, "made by release-please: no entry by hand"),
        ({"docs/changes/new-hooks.md": "# Hooks\n", "History.md": "2.1.0\n=====\n* x\n"},
         "History.md is kept by hand; its top section is of 2.1.0; it begins:"),
        *(({"CHANGES.md": f"# Changes\n\n## 2.1.0{date}\n\n- x\n"},
           f"CHANGES.md is kept by hand; its top section, 2.1.0, {RELEASED}; it begins:")
          for date in (" (2026-01-31)", " - 31 January 2026", ", released Jan. 31, 2026")),
    ],
)  # fmt: skip
def test_habits_of_changelogs(facts, files, habit):
    assert facts(files).changelog.habit == habit


def test_without_signs_nothing_is_said(facts):
    found = facts({"notes.txt": "x\n"})
    assert found.text(1_000) == ""
    assert found.changelog is None


@pytest.mark.parametrize("text", ["[", "\x01", "{" * 5_000, "[project]\nversion = 3\n", "x = 1\n"])
def test_faulty_manifests_are_no_failure(facts, text):
    names = ["pyproject.toml", "package.json", "tsconfig.json", "setup.cfg", "tox.ini", "go.mod",
             ".editorconfig", "Cargo.toml", ".prettierrc", ".pre-commit-config.yaml"]  # fmt: skip
    assert facts(dict.fromkeys(names, text)).version == ""


def test_linters_of_older_projects(facts):
    files = {
        "setup.cfg": "[flake8]\nmax-line-length = 99\n[mypy]\nx = 1\n",
        ".editorconfig": "root = true\n[*]\nindent_style = tab\n",
        ".pre-commit-config.yaml": "repos:\n- hooks:\n  - id: check-yaml\n  - id: pyupgrade\n",
        "tests/conftest.py": "from sybil import Sybil\n",
    }
    found = facts(files)
    assert found.style == (
        "flake8: lines of 99",
        "mypy",
        "editorconfig: indent_style tab",
        "pre-commit hooks: pyupgrade",
    )
    assert found.examples == "code in documents runs as tests (tests/conftest.py uses sybil)"


def test_the_last_facts_go_where_there_is_no_room(facts):
    found = facts({"pyproject.toml": PYPROJECT, "CONTRIBUTING.md": CONTRIBUTING})
    assert found.text(120) == (
        "Supports: Python >=3.10, tested on 3.9 to 3.13\nDepends on: click>=8, httpx[http2]>=0.27\n"
        "Version: 1.4.0 (pyproject.toml)"
    )


def test_the_version_in_code_is_the_outermost_one(facts):
    files = {
        "a/vendor/version.py": 'version = "0.1"\n',
        "shop/__init__.py": '__version__ = "2.0"\n',
        "z/version.py": 'version = "3.0"\n',
    }
    assert facts(files).version == "2.0 (shop/__init__.py)"
    assert facts({**files, "version.py": 'version = "4.0"\n'}).version == "4.0 (version.py)"


@pytest.mark.parametrize(
    ("directory", "habit"),
    [
        (".", "CHANGES.md is kept by hand"),
        ("./", "CHANGES.md is kept by hand"),
        ("./notes/", "entries are files in notes/, such as 1.feature"),
    ],
)
def test_the_root_is_no_folder_of_changelog_entries(facts, directory, habit):
    files = {
        "pyproject.toml": f'[tool.towncrier]\ndirectory = "{directory}"\n',
        "CHANGES.md": CHANGES,
        "notes/1.feature": "Carts.\n",
    }
    assert facts(files).changelog.habit.startswith(habit)
