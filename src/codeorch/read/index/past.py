"""Past commits from the index: git is asked only for those that no run has seen before."""

import json
from collections import Counter
from contextlib import suppress

from codeorch.read.corpus import KeptPast, Past
from codeorch.read.index.store import Damaged, Store
from codeorch.read.words import words
from codeorch.repo import Repo


def past_of_index(repo: Repo, store: Store, commit: str, limit: int) -> Past:
    """Give the newest commits that lead to a commit.

    Raises:
        Damaged: the store cannot be read.
        ServiceError: git failed.
    """
    wanted = repo.ancestors(commit, limit)
    known = dict(store.notes("commit"))
    new = {
        entry.commit: json.dumps([words(entry.message), entry.paths]).encode()
        for entry in repo.log_of([each for each in wanted if each not in known])
    }
    if new:
        with suppress(Damaged):  # then the next run asks git, too
            store.put("commit", new.items())
    past = KeptPast()
    for each in wanted:
        counts, paths = json.loads(known.get(each) or new[each])
        past.add(each, Counter(counts), paths)
    return past
