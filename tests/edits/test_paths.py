"""The path gate: each hostile, protected and harmless name with its outcome."""
# ruff: noqa: E501 - a row of a table is one line

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeorch.edits import Refusal, check_path, paths_in, plain_path, resolve_path

HOSTILE = [
    "", " ", " a.py", "a.py ", "/etc/passwd", "//server/share", "~/.bashrc", "~root/x",
    "..", "../a.py", "a/../b.py", "a/..", "./a.py", "a/./b.py", "a//b.py", "a/", "/",
    "a\\b.py", "..\\a.py", "C:/a.py", "c:a.py", "a.py:stream", "a.py::$DATA", ".git::$INDEX_ALLOCATION/x",
    ".git/config", ".git/hooks/post-checkout", ".GIT/config", ".Git/hooks/pre-commit", "a/.git/config",
    "a/.gIt/x", ".git./config", ".git /config", ".git. ./config", "git~1/config", "GIT~1/config",
    "GIT~2/x", "gi7eba~1/config", ".g\u200cit/config", ".gi\u200et/config", "\ufeff.git/config",
    ".\u202egit/config", "a\u0300.py", ".\uff27\uff29\uff34/config", "\uff0egit/config", ".hg/hgrc", ".svn/x", ".jj/x",
    "a\x00.py", "a\n.py", "a\r.py", "a\tb.py", "a\x1b[31m.py", "a\x7f.py", "a\u202egpj.py", "a\u200bb.py",
    "a\u2028b.py", "\ud800.py", "e\u0301.py", "a.py.", "a./b.py", "a /b.py", "a/ b.py",
    "con", "CON.txt", "a/nul", "aux.py", "prn", "com1", "COM9.log", "lpt1.txt", "com¹.txt", "conin$",
    "x" * 256, "a/" + "é" * 128,
]  # fmt: skip

PROTECTED = [
    ".gitattributes", ".gitmodules", ".gitignore", "sub/.gitattributes", ".GitAttributes",
    ".github/workflows/ci.yml", ".github/CODEOWNERS", ".GITHUB/workflows/x.yml", ".github/dependabot.yml",
    "CODEOWNERS", ".gitlab-ci.yml", ".circleci/config.yml", ".travis.yml", "Jenkinsfile",
    "azure-pipelines.yml", "bitbucket-pipelines.yml", ".drone.yml", ".buildkite/pipeline.yml",
    ".woodpecker/x.yml", "cloudbuild.yaml", "buildspec.yml", "appveyor.yml",
    ".pre-commit-config.yaml", ".pre-commit-hooks.yaml", ".husky/pre-commit", ".githooks/pre-push",
    "lefthook.yml", ".vscode/tasks.json", ".vscode/settings.json", ".idea/workspace.xml",
    ".devcontainer/devcontainer.json", ".devcontainer.json", "app.code-workspace", ".exrc", ".gdbinit",
    ".dir-locals.el", ".env", ".env.local", ".envrc", ".npmrc", ".yarnrc", ".yarnrc.yml", ".pypirc",
    ".netrc", "bunfig.toml", ".yarn/releases/yarn.cjs", ".cargo/config.toml", ".mvn/extensions.xml",
    ".claude/settings.json", "CLAUDE.md", "docs/CLAUDE.md", "CLAUDE.local.md", "AGENTS.md", "GEMINI.md",
    ".cursorrules", ".cursor/rules/x.mdc", ".mcp.json", ".codex/config.toml", ".agents/x", ".aider.conf.yml",
    ".windsurfrules", ".codeorch.toml", "codeorch.toml", "sitecustomize.py", "usercustomize.py",
    "src/sitecustomize.py", "evil.pth", "package-lock.json", "web/package-lock.json", "yarn.lock",
    "pnpm-lock.yaml", "poetry.lock", "uv.lock", "Cargo.lock", "go.sum", "Gemfile.lock", "composer.lock",
    "server.pem", "private.key", "id_rsa", "id_ed25519.pub",
]  # fmt: skip

HARMLESS = [
    "a.py", "src/pkg/mod.py", "pyproject.toml", "setup.cfg", "setup.py", "tox.ini", "pytest.ini",
    "conftest.py", "tests/conftest.py", "Makefile", "package.json", "Cargo.toml", "go.mod", "build.gradle",
    "CMakeLists.txt", "README.md", "docs/a b.md", "src/über.py", "src/日本.py", "pages/[id].tsx", "a'b.txt",
    "src/claude.py", "cursor.py", "src/git/config.py", "git/hooks.py", "lib/github/api.py", "agents.py",
    "console.py", "auxiliary.py", "nullable.py", "compose.py", "keys.py", "environment.yml", ".editorconfig",
    ".prettierrc", "a..b.py", "...py", "$Primitives.java", "a,b.csv", "x" * 255,
]  # fmt: skip


@pytest.mark.parametrize("path", HOSTILE)
def test_a_hostile_name_is_refused_even_when_the_user_allows_it(path):
    with pytest.raises(Refusal) as refused:
        check_path(path, allowed=[path])
    assert refused.value.code == "path"


@pytest.mark.parametrize("path", PROTECTED)
def test_a_protected_name_needs_the_users_leave(path):
    with pytest.raises(Refusal) as refused:
        check_path(path)
    assert refused.value.code == "protected"
    assert path in refused.value.brief
    check_path(path, allowed=[path])


@pytest.mark.parametrize("path", HARMLESS)
def test_a_harmless_name_is_fine(path):
    check_path(path)


def test_leave_for_one_protected_name_is_none_for_another():
    with pytest.raises(Refusal, match="protected"):
        check_path(".github/workflows/b.yml", allowed=[".github/workflows/a.yml"])


@pytest.mark.parametrize(
    ("path", "other"),
    [
        ("Readme.md", "README.md"), ("src/A.py", "src/a.py"), ("SRC/new.py", "src/a.py"),
        ("straße.py", "STRASSE.py"), ("ﬁle.py", "file.py"), ("src/a.py/b.py", "src/a.py"),
        ("src", "src/a.py"), ("\u212b.py", "å.py"),
    ],
)  # fmt: skip
def test_a_new_name_beside_its_twin_is_refused(path, other):
    with pytest.raises(Refusal) as refused:
        check_path(path, tree=[other, "unrelated/x.py"])
    assert refused.value.code == "path"


def test_an_existing_name_may_have_a_twin():
    check_path("a.py", tree=["A.py", "a.py"])


# ------------------------------------------------------------------------------- slips


TREE = ("src/new.py", "a.py", "a/only.py", "odd\\name.py", "b/c.py")


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("src/new.py", "src/new.py"),
        ("./src/new.py", "src/new.py"),
        ("src//new.py", "src/new.py"),
        ("src\\new.py", "src/new.py"),
        (".\\src\\.\\new.py", "src/new.py"),
        (" `src/new.py` ", "src/new.py"),
        ("/src/new.py", "src/new.py"),
        ("b/src/new.py", "src/new.py"),
        ("b/c.py", "b/c.py"),
        ("odd\\name.py", "odd\\name.py"),
        ("lib/a.py", "lib/a.py"),
        ("src/", "src"),
        ("../a.py", "../a.py"),
        ("src/../a.py", "src/../a.py"),
        ("/etc/passwd", "/etc/passwd"),
        ("C:\\a.py", "C:/a.py"),
        ("", ""),
    ],
)
def test_a_slip_is_undone_and_nothing_else(path, meant):
    assert resolve_path(path, TREE) == meant


@given(st.text("ab./\\ `~:", max_size=12))
def test_what_is_resolved_stays_so_and_no_gate_is_passed(path):
    plain = plain_path(path)
    assert plain_path(plain) == plain
    assert ".." not in path.replace("\\", "/").split("/") or ".." in plain.split("/")


# ------------------------------------------------------------------------------- names in answers

NAMED = [
    ("--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a\n+b\n", ("x.py",)),
    ("--- x.py\n+++ x.py\n", ("x.py",)),
    ("--- ./x.py\t2024-01-01 10:00:00\n+++ ./x.py\n", ("x.py",)),
    ("diff --git a/x.py b/../../etc/passwd\n@@\n", ("x.py", "../../etc/passwd")),
    ('--- "a/\\056git/config"\n+++ "b/\\056git/config"\n', (".git/config",)),
    ('--- "a/f\\303\\274.txt"\n+++ "b/f\\303\\274.txt"\n', ("fü.txt",)),
    ('diff --git "a/a b" "b/c\\td"\n', ("a b", "c\td")),
    ("--- /dev/null\n+++ b/new.py\n", ("new.py",)),
    ("--- a/old.py\n+++ /dev/null\n", ("old.py",)),
    ("--- /etc/passwd\n+++ /etc/passwd\n", ("/etc/passwd",)),
    ("rename from a.py\nrename to ../b.py\n", ("a.py", "../b.py")),
    ("copy from a.py\ncopy to .git/hooks/x\n", ("a.py", ".git/hooks/x")),
    (
        "*** Begin Patch\n*** Update File: a.py\n*** Move to: b.py\n*** End Patch\n",
        ("a.py", "b.py"),
    ),
    ("*** Begin Patch\n*** Add File: .git/x\n+a\n*** End Patch\n", (".git/x",)),
    ("src/a.py\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n", ("src/a.py",)),
    ("`src/a.py`\n```python\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n```\n", ("src/a.py",)),
    ("Index: trunk/a.py\n", ("trunk/a.py",)),
    ("nothing to see", ()),
]


@pytest.mark.parametrize(("answer", "names"), NAMED)
def test_every_name_in_an_answer_is_read_unquoted(answer, names):
    assert paths_in(answer) == names
