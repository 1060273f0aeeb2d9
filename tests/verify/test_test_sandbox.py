import json
import shutil
import subprocess

import pytest

from codeorch.verify.test_sandbox import Host, ScratchFolders, prepare_environment


@pytest.fixture
def places(tmp_path):
    """The user's working tree, and the scratch folders of a run."""
    root, private = tmp_path / "home/project", tmp_path / "private"
    root.mkdir(parents=True)
    private.mkdir()
    return root, ScratchFolders.create(private)


def host(root, **variables):
    return Host(root=root, variables={"HOME": str(root.parent), "PATH": "/usr/bin", **variables})


def write(folder, files):
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def test_of_the_user_s_variables_only_harmless_ones_are_passed_on(places):
    root, scratch = places
    secrets = {"ANTHROPIC_API_KEY": "k", "AWS_SECRET": "s", "PYTEST_ADDOPTS": "-x", "LANG": "C"}
    spec = prepare_environment(host(root, **secrets), scratch, can_mount=True, network=False)
    assert secrets.keys() & spec.env.keys() == {"LANG"}
    assert spec.env["HOME"] == str(scratch.home)
    assert (spec.env["CI"], spec.env["npm_config_offline"]) == ("1", "true")


@pytest.mark.parametrize("can_mount", [True, False])
def test_neither_the_user_s_tree_nor_the_home_folder_is_shown(places, can_mount):
    root, scratch = places
    write(root.parent, {".cargo/credentials.toml": "", ".cargo/registry/x": "", "bin/tool": ""})
    path = f"{root}/scripts:{root.parent}:{root.parent}/bin:/:/usr/bin"
    spec = prepare_environment(host(root, PATH=path), scratch, can_mount=can_mount, network=False)
    shown = {bind.source for bind in spec.binds}
    assert {root.parent / "bin", root.parent / ".cargo/registry"} <= shown
    for wide in (root, root.parent, root.parent / ".cargo", *root.parents):
        assert wide not in shown


def test_with_network_nothing_is_told_to_stay_offline(places):
    root, scratch = places
    write(root.parent, {".cargo/registry/x": "", ".m2/repository/x": ""})
    offline = prepare_environment(host(root), scratch, can_mount=True, network=False)
    assert offline.env["CARGO_HOME"] == str(root.parent / ".cargo")
    assert str(root.parent / ".m2/repository") in offline.env["MAVEN_OPTS"]
    spec = prepare_environment(host(root), scratch, can_mount=True, network=True)
    assert spec.network
    assert spec.env.keys().isdisjoint({"npm_config_offline", "CARGO_HOME", "MAVEN_OPTS"})


def test_what_an_installation_in_place_built_is_copied(places):
    root, scratch = places
    write(root, {"src/box/_version.py": "new", "src/box/fast.so": "elf", "src/box/user.py": "edit"})
    write(scratch.folder, {"src/box/__init__.py": ""})
    prepare_environment(host(root), scratch, can_mount=True, network=False)
    names = {path.name for path in (scratch.folder / "src/box").iterdir()}
    assert names == {"__init__.py", "_version.py", "fast.so"}


def test_tests_import_the_checkout_before_anything_installed(places):
    root, scratch = places
    write(scratch.folder, {"src/box/__init__.py": ""})
    mounted = prepare_environment(host(root), scratch, can_mount=True, network=False)
    assert mounted.env["PYTHONPATH"].split(":") == [f"{root}/src", f"{root}"]
    beside = prepare_environment(host(root), scratch, can_mount=False, network=False)
    assert beside.env["PYTHONPATH"].split(":") == [f"{scratch.folder}/src", f"{scratch.folder}"]


_NODE_TEST = """
const fs = require("fs");
const tool = require("tool"), shared = require("shared");
fs.mkdirSync("node_modules/.cache/x", {recursive: true});
let written = "";
try { fs.writeFileSync("node_modules/tool/evil", ""); written = "written"; } catch {}
console.log(tool, shared, written);
"""


def test_node_finds_the_user_s_packages_and_the_checkout_s_workspaces(places, safe_sandbox):
    if not shutil.which("node", path="/usr/bin"):
        pytest.skip("node is not installed here")
    root, scratch = places
    write(root, {
        "node_modules/tool/index.js": "module.exports = 'tool'",
        "packages/shared/index.js": "module.exports = 'as the user edits it'",
    })  # fmt: skip
    (root / "node_modules/shared").symlink_to("../packages/shared")
    write(scratch.folder, {
        "package.json": json.dumps({"workspaces": ["packages/*"]}),
        "packages/shared/index.js": "module.exports = 'as committed'",
        "main.js": _NODE_TEST,
    })  # fmt: skip
    from codeorch.sandbox import ResourceLimits

    spec = prepare_environment(host(root), scratch, can_mount=safe_sandbox.can_mount, network=False)
    process = safe_sandbox.run(("node", "main.js"), spec, ResourceLimits())
    assert process.log == "tool as committed \n"
    assert not (root / "node_modules/tool/evil").exists()


def test_scratch_folders_of_two_runs_share_only_the_cache(tmp_path):
    one, two = ScratchFolders.create(tmp_path), ScratchFolders.create(tmp_path)
    assert one.cache == two.cache
    assert one.folder != two.folder
    assert subprocess.run(["ls", one.folder], check=True, capture_output=True).stdout == b""


def test_programs_of_a_node_modules_kept_elsewhere_are_shown_with_their_packages(places, tmp_path):
    root, scratch = places
    kept = tmp_path / "kept/node_modules"
    write(kept, {"runner/run.mjs": "", ".bin/other": ""})
    spec = prepare_environment(
        host(root, PATH=f"{kept}/.bin:/usr/bin"), scratch, can_mount=True, network=False
    )
    assert kept in [bind.source for bind in spec.binds]
    assert str(kept / ".bin") in spec.env["PATH"].split(":")
