import re
import subprocess

from hypothesis import given
from hypothesis import strategies as st

from codeorch.analysis.text_edits import TextEdit, apply_edits, unified_diff

TEXTS = st.lists(st.sampled_from(["a", "old", "é\x0c", "", "old old\r"]), max_size=40).map(
    "\n".join
)


@st.composite
def edited(draw):
    text = draw(TEXTS)
    cuts = draw(st.lists(st.integers(0, len(text)), max_size=8, unique=True).map(sorted))
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    texts = st.sampled_from(["new", "", "x\ny", "\n"])
    return text, [TextEdit(start=start, end=end, text=draw(texts)) for start, end in pairs]


def patched(text, diff):
    """Apply a diff by its line numbers alone, and insist on every line it quotes."""
    rest = text.split("\n")
    rest = [f"{line}\n" for line in rest[:-1]] + ([rest[-1]] if rest[-1] else [])
    done, at = [], 0
    for line in diff.replace("\n\\ No newline at end of file\n", "\0").split("\n")[2:]:
        for part in re.findall(r"[^\0]*\0|[^\0]+", line):
            content = part[1:-1] if part.endswith("\0") else f"{part[1:]}\n"
            if part.startswith("@@"):
                start, length = re.match(r"@@ -(\d+),(\d+)", part).groups()
                target = int(start) - (1 if int(length) else 0)
                done += rest[at:target]
                at = target
            elif part[0] in " -":
                assert rest[at] == content
                done += [content] if part[0] == " " else []
                at += 1
            else:
                done.append(content)
    return "".join(done + rest[at:])


@given(edited())
def test_the_diff_of_edits_makes_what_the_edits_make(case):
    text, edits = case
    after = apply_edits(text, edits)
    diff = unified_diff("a.txt", text, edits)
    if after == text:
        return
    assert patched(text, diff) == after


def test_git_reads_the_diff(tmp_path):
    text = "".join(f"line {i}\n" for i in range(40)) + "end"
    edits = [
        TextEdit(start=0, end=4, text="LINE"),
        TextEdit(start=len(text) - 3, end=len(text), text="!"),
    ]
    (tmp_path / "a.txt").write_text(text)
    diff = unified_diff("a.txt", text, edits)
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=diff.encode(), check=True)
    assert (tmp_path / "a.txt").read_text() == apply_edits(text, edits)


def test_thousands_of_equal_lines_take_no_time():
    text = "".join(f"x{i} = old({i})\n}}\n\n" for i in range(20_000))
    at = [i for i in range(len(text)) if text.startswith("old", i)]
    diff = unified_diff("a.c", text, [TextEdit(start=i, end=i + 3, text="new") for i in at])
    assert diff.count("\n+x") == 20_000
