"""The key of the model: who has it while the repository is read, and what a log may show of it."""

import base64
from pathlib import Path

import pytest

from codeorch.api_keys import encodings


def holders(secret):
    """Name the processes whose environment shows a secret, this one aside."""
    rows = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if secret.encode() in (folder / "environ").read_bytes():
                rows.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:  # it has ended, or is not ours to read
            continue
    return rows


def test_no_process_shows_the_key_while_the_repository_is_read(
    workflow, serve, unit_brain, key, hub_module
):
    seen = []

    def brain(request, number):
        seen.append(holders(key))
        return unit_brain(request, number)

    assert workflow.gate_here()
    with serve(brain) as api:
        assert workflow.propose(api.url) == 0, workflow.logs
        assert all(key in str(headers) for headers in api.headers)
    assert seen
    assert all(rows == [] for rows in seen), seen


def test_the_composite_leaves_no_shell_behind():
    """What holds the key when a step begins is replaced by the program that hands it over."""
    action = Path(__file__).parents[2] / ".github/actions/propose/action.yml"
    last = action.read_text().rstrip().splitlines()[-1].strip()
    assert last.startswith("exec ")


@pytest.mark.parametrize("before", ["", "x", "xy", "xyz"])
@pytest.mark.parametrize("after", ["", "1", "12"])
def test_every_alignment_of_base64_holds_a_form_that_is_masked(key, before, after):
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(f"{before}{key}{after}".encode()).decode()
        assert any(form in text for form in encodings(key))


def test_all_forms_are_masked_before_anything_else_is_said(workflow, serve, unit_brain, key):
    assert workflow.gate_here()
    with serve(unit_brain) as api:
        workflow.propose(api.url)
    log = workflow.logs[-1]
    first = log.index("codeorch:")
    masks = [line for line in log[:first].splitlines() if line.startswith("::add-mask::")]
    assert {line.removeprefix("::add-mask::") for line in masks} == set(encodings(key)) - {key}
    rest = "\n".join(line for line in log.splitlines() if not line.startswith("::add-mask::"))
    assert not [form for form in encodings(key) if form in rest]
