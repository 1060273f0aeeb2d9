"""The path gate: which names may be written at all. Every platform's rules hold everywhere."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from functools import lru_cache

from codeorch.edits.hunks import Refusal
from codeorch.invisible import invisible_characters

# Code points that HFS+ ignores when it compares names.
_IGNORED = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
_DEVICE = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|$)", re.IGNORECASE
)
_SHORT_NAME = re.compile(r"git~\d+|gi[0-9a-f]{4}~\d+|\.?gitmod~\d+", re.IGNORECASE)
_INSIDE = frozenset({".git", ".hg", ".svn", ".jj", ".bzr"})
_AROUND = " \t\r\n`'\""  # what is put around paths in prose
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_LONGEST = 255  # bytes, in a component

# What makes git, CI, editors or agents run something, and what nobody writes by hand.
_PROTECTED = re.compile(
    r"""(?:^|/)(?:
      \.git[^/]*(?:/|$)                        # attributes, modules, hooks, .github/, ...
    | \.(?:circleci|buildkite|woodpecker|semaphore|teamcity|gitea|forgejo|husky|githooks)(?:/|$)
    | \.(?:gitlab-ci|travis|appveyor|drone|cirrus|woodpecker|pre-commit-[a-z]+)\.ya?ml$
    | (?:jenkinsfile[^/]*|(?:azure|bitbucket)-pipelines\.ya?ml|codeowners|cloudbuild\.ya?ml)$
    | (?:appveyor|buildspec|\.?lefthook(?:-local)?)\.ya?ml$
    | \.(?:vscode|vs|idea|devcontainer|zed|fleet|vim|nvim)(?:/|$) | \.devcontainer\.json$
    | [^/]*\.code-workspace$ | \.(?:exrc|n?vimrc|dir-locals\.el|gdbinit|lldbinit)$
    | \.env(?:rc|\.[^/]*)?$ | \.(?:npmrc|yarnrc(?:\.yml)?|pypirc|netrc|pnpmfile\.cjs)$
    | bunfig\.toml$ | \.(?:yarn|cargo|mvn)/
    | \.(?:claude|codex|cursor|gemini|aider|continue|roo|cline|windsurf|goose|kiro|junie)
      (?:[^/a-z][^/]*|rules|ignore|modes)?(?:/|$)
    | \.(?:agents?|amazonq|trae|opencode)(?:/|$) | opencode\.jsonc?$ | \.?mcp\.json$
    | (?:claude|agents?|gemini)(?:\.[^/]*)?\.md$ | \.codeorch/ | \.?codeorch[^/]*\.toml$
    | (?:site|user)customize\.py$ | [^/]*\.pth$
    | (?:package-lock|npm-shrinkwrap)\.json$ | pnpm-lock\.yaml$ | yarn\.lock$ | bun\.lockb?$
    | (?:poetry|pdm|uv|pipfile|pixi|cargo|composer|gemfile|flake|mix|podfile|pubspec)\.lock$
    | (?:package\.resolved|deno\.lock|gradle\.lockfile|packages\.lock\.json|go\.sum)$
    | [^/]*\.(?:pem|key|p12|pfx|jks|keystore)$ | id_(?:rsa|dsa|ecdsa|ed25519)[^/]*$
    )""",
    re.IGNORECASE | re.VERBOSE,
)


def check_path(path: str, *, tree: Collection[str] = (), allowed: Collection[str] = ()) -> None:
    """Refuse a path that must not be written.

    `tree` holds the paths that exist; a new one must not differ from one of them in case or
    Unicode form only, nor go through a file. `allowed` holds protected paths that the user
    opened, each exactly.

    Raises:
        Refusal: code `path` or `protected`.
    """
    if fault := _fault(path):
        raise Refusal(code="path", brief=f"{path!r} {fault}")
    if path not in tree and (clash := _clash(path.split("/"), tree)):
        raise Refusal(code="path", brief=f"{path!r} {clash}")
    if path not in allowed and _PROTECTED.search(_folded(path)):
        raise Refusal(
            code="protected", brief=f"{path} is protected; the user can open it: --allow {path}"
        )


def plain_path(path: str) -> str:
    r"""Undo the slips that leave no doubt about a path: `./x`, `a//b`, `src\new.py`, quotes.

    What leads elsewhere, e.g. `..` or a drive, stays for the gate.
    """
    plain = path.strip(_AROUND).replace("\\", "/")
    root = "/" if plain.startswith("/") else ""
    parts = [part for part in plain.split("/") if part not in ("", ".")]
    plain = root + "/".join(parts)
    return plain if plain == path else plain_path(plain)


def resolve_path(path: str, tree: Collection[str]) -> str:
    """Return the path that is meant, with the slips of whoever wrote it undone.

    `tree` holds the paths that exist: none of them is ever changed, and what has a slash or the
    side of a diff in front of one of them, as in `a/src/x.py`, is that one.
    """
    if path in tree:
        return path
    plain = plain_path(path)
    first, _, rest = plain.partition("/")
    return rest if plain not in tree and rest in tree and first in ("", "a", "b") else plain


def _fault(path: str) -> str:
    if not path or path != path.strip():
        return "is empty or has space around it"
    if any(unicodedata.category(c) in _HIDDEN for c in path) or any(invisible_characters(path)):
        return "holds control, invisible or unassigned characters"
    if unicodedata.normalize("NFC", path) != path:
        return "is not in Unicode normal form C"
    if path.startswith(("/", "~")) or "\\" in path or ":" in path:
        return "is not a plain relative path"
    return next((fault for part in path.split("/") if (fault := _fault_of_part(part))), "")


def _fault_of_part(part: str) -> str:
    if part in ("", ".", ".."):
        return "has an empty, `.` or `..` component"
    bare = _folded(_IGNORED.sub("", part)).rstrip(". ")
    if bare in _INSIDE or _SHORT_NAME.fullmatch(bare):
        return "leads into version control's own folder"
    if part.endswith((".", " ")) or part.startswith(" "):
        return "has a component with a space around it or a dot at its end"
    if _DEVICE.match(part):
        return "names a device on Windows"
    return "is longer than file systems allow" if len(part.encode()) > _LONGEST else ""


@lru_cache(maxsize=1 << 15)
def _folded(name: str) -> str:
    """Fold a name as file systems that ignore case and Unicode forms do."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def _clash(parts: Sequence[str], tree: Collection[str]) -> str:
    """Say which path of the tree cannot exist beside a new one."""
    for other in tree:
        for ours, theirs in zip(parts, others := other.split("/"), strict=False):
            if ours != theirs:
                if _folded(ours) == _folded(theirs):
                    return f"is the same as {other!r} on some file systems"
                break
        else:
            if len(others) != len(parts):
                return f"cannot exist beside {other!r}: one is a file, one a folder"
    return ""
