"""Which files are a changelog, or entries of one to come."""

import re
from typing import Final

CHANGELOG: Final = re.compile(
    r"^(?:docs?/(?:[\w-]+/)?)?(?:changelog|changes|history|news|release[-_]?notes|whatsnew)"
    r"(?:\.(?:md|rst|txt|adoc))?$",
    re.IGNORECASE,
)
# Folders that hold nothing but entries, and others in which entries are known by their names.
CHANGELOG_ENTRY: Final = re.compile(
    r"(?:^|/)(?:changelog\.d|newsfragments|news\.d|changes\.d|changelog_unreleased|\.changeset|\.changes|"
    r"changelogs?/(?:unreleased|fragments))/[^/]+$"
    r"|(?:^|/)(?:changes|news|changelog|upcoming_changes)/\+?[\w-]*\.(?:feature|bugfix|bug|doc|misc|removal|"
    r"change|breaking|deprecation|added|fixed|new_feature|improvement|trivial)\b[^/]*$",
    re.IGNORECASE,
)


def is_changelog(path: str) -> bool:
    """Return whether a path is that of a changelog, of whatever package, or of an entry of one."""
    name = path.rpartition("/")[2]
    return bool(CHANGELOG.match(path) or CHANGELOG.match(name) or CHANGELOG_ENTRY.search(path))
