"""Where programs may be looked for that are started outside of the sandbox."""

import os
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=32)
def trusted_search_path(path: str, folder: Path) -> str:
    """Return PATH without relative folders and folders of the repository around `folder`.

    A repository must not bring the git, the gpg or the sandbox that we start.
    """
    ways = (folder.absolute(), *folder.absolute().parents)
    root = next((way for way in ways if (way / ".git").exists()), ways[0])
    roots = {root, root.resolve()}
    return os.pathsep.join(
        entry
        for entry in path.split(os.pathsep)
        if Path(entry).is_absolute()
        and not any(place.is_relative_to(root) for place in _places(Path(entry)) for root in roots)
    )


def _places(folder: Path) -> tuple[Path, Path]:
    """Return where a folder stands by its name, and where it really is."""
    return Path(os.path.normpath(folder)), folder.resolve()
