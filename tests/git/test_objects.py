"""Objects that we write, beside what git says that it has."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codeorch.errors import ServiceError
from codeorch.git import Repo
from codeorch.git.objects import object_id, write_objects

LENGTHS = {"sha1": 40, "sha256": 64}


@pytest.fixture(params=sorted(LENGTHS))
def form(request):
    return request.param


@pytest.fixture
def store(tmp_path, form):
    repo = Repo(tmp_path, tmp_path / ".git")
    repo.git.run("init", "--quiet", f"--object-format={form}")
    return repo


def packs(repo):
    return len(list(repo.git_dir.glob("objects/pack/*.pack")))


# The head of a pack's entry grows at 16 bytes, and then with every factor of 128.
SIZES = st.sampled_from([0, 1, 15, 16, 17, 2047, 2048, 2049, 70_000])


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(SIZES, max_size=8), many=st.booleans())
def test_git_has_what_was_written(store, form, sizes, many):
    blobs = [bytes([number % 251]) * size for number, size in enumerate(sizes)]
    blobs += [b"%d" % number for number in range(200 if many else 0)]
    write_objects(store, {"blob": blobs}, LENGTHS[form])
    names = [object_id("blob", data, LENGTHS[form]) for data in blobs]
    assert [data for _, data in store.blobs(names)] == blobs
    store.git.run("fsck", "--strict")


def test_few_objects_are_files_and_many_are_one_pack(store, form):
    few = [b"%d" % number for number in range(99)]
    write_objects(store, {"blob": few}, LENGTHS[form])
    assert packs(store) == 0
    write_objects(store, {"blob": [*few, b"one more", b"one more"]}, LENGTHS[form])
    assert packs(store) == 1


@pytest.mark.parametrize("many", [0, 200])
def test_git_checks_the_form_of_what_it_writes(store, form, many):
    blobs = [b"%d" % number for number in range(many)]
    with pytest.raises(ServiceError):
        write_objects(store, {"blob": blobs, "tree": [b"no tree at all"]}, LENGTHS[form])
    with pytest.raises(ServiceError):
        write_objects(store, {"blob": blobs, "commit": [b"no commit"]}, LENGTHS[form])
