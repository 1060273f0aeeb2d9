"""A sample of the patch benchmark's corpus, when it lies beside the repository."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.system

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT.parent / "shared" / "bench" / "patch"


@pytest.mark.skipif(not BENCH.exists(), reason=f"the corpus is not in {BENCH}")
def test_a_sample_of_the_corpus_is_applied_right(tmp_path):
    subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "patch.py", "--limit", "250", "--jobs", "1",
         "--bench", BENCH, "--out", tmp_path / "table.md"],
        check=False, capture_output=True,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    table = (tmp_path / "table.md").read_text()
    rows = dict(re.findall(r"^\| (\w+) \| ([\d.]+) \|$", table, re.MULTILINE))
    assert float(rows["apply_exact"]) >= 97
    assert float(rows["wrong"]) == 0
    assert float(rows["must_refuse_right"]) == 100
    proof = re.search(r"same bytes: (\d+) of (\d+) distinct", table)
    assert proof
    assert proof[1] == proof[2]
