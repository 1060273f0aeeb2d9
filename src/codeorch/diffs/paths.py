"""The path gate: which names may be written at all. Every platform's rules hold everywhere."""

import re
import unicodedata
from collections.abc import Collection

from codeorch.diffs.refusal import Refusal

# Code points that HFS+ ignores when it compares names.
_IGNORED = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
_DEVICE = re.compile(r"(con|prn|aux|nul|com[1-9¹²³]|lpt[1-9¹²³])(\.|$)", re.IGNORECASE)
_SHORT_NAME = re.compile(r"git~\d+|gi[0-9a-f]{4}~\d+", re.IGNORECASE)

# Files that make git, CI, editors or agents run something, and files nobody writes by hand.
_PROTECTED = re.compile(
    r"""(^|/)(
      \.git[^/]*(/|$)                                   # attributes, modules, hooks, .github/, ...
    | \.(gitlab-ci|travis|appveyor|drone|cirrus|pre-commit-config|pre-commit-hooks)\.ya?ml$
    | \.(circleci|buildkite|woodpecker|husky|vscode|idea|devcontainer|zed|fleet|githooks)/
    | (jenkinsfile|azure-pipelines\.ya?ml|bitbucket-pipelines\.ya?ml|codeowners)$
    | \.env(rc|\.[^/]*)?$ | \.npmrc$ | \.yarnrc(\.yml)?$ | \.pypirc$ | \.netrc$ | bunfig\.toml$
    | \.(claude|codex|agents|cursor|gemini|aider|continue|roo|windsurf)[^/]*(/|$)
    | \.mcp\.json$ | (claude|agents|gemini)[^/]*\.md$ | \.?codeorch[^/]*\.toml$
    | (sitecustomize|usercustomize)\.py$ | [^/]*\.pth$
    | (package-lock|npm-shrinkwrap)\.json$ | pnpm-lock\.yaml$ | yarn\.lock$ | bun\.lockb?$
    | (poetry|pdm|uv|pipfile|cargo|composer|gemfile|pixi|flake|mix)\.lock$ | go\.sum$
    | [^/]*\.(pem|key|p12|pfx|jks|keystore)$ | id_(rsa|dsa|ecdsa|ed25519)[^/]*$
    )""",
    re.IGNORECASE | re.VERBOSE,
)


def check_path(path: str, *, tree: Collection[str] = (), allowed: Collection[str] = ()) -> None:
    """Refuse a path that must not be written.

    `tree` holds the paths that exist; a new one must not differ from one of them in case or
    Unicode form only. `allowed` holds protected paths that the user opened, each exactly.

    Raises:
        Refusal: code `path` or `protected`.
    """
    if fault := _fault(path):
        raise Refusal(code="path", brief=f"{path!r} {fault}")
    if path not in tree and (twin := _twin(path, tree)):
        raise Refusal(code="path", brief=f"{path!r} is the same as {twin!r} on some file systems")
    if path not in allowed and _PROTECTED.search(_folded(path)):
        raise Refusal(
            code="protected", brief=f"{path} is protected; the user can open it with --allow {path}"
        )


def _fault(path: str) -> str:
    if not path or path != path.strip():
        return "is empty or has space around it"
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn") for c in path):
        return "holds control, invisible or unassigned characters"
    if unicodedata.normalize("NFC", path) != path:
        return "is not in Unicode normal form C"
    if path.startswith(("/", "~")) or "\\" in path or ":" in path:
        return "is not a plain relative path"
    return next((fault for part in path.split("/") if (fault := _fault_of_part(part))), "")


def _fault_of_part(part: str) -> str:
    if part in ("", ".", ".."):
        return "has an empty, `.` or `..` component"
    bare = _IGNORED.sub("", part).rstrip(". ").casefold()
    if bare == ".git" or _SHORT_NAME.fullmatch(bare):
        return "leads into git's own folder"
    if part.endswith((".", " ")):
        return "has a component that ends with a dot or a space"
    if _DEVICE.match(part):
        return "names a device on Windows"
    return "is longer than file systems allow" if len(part.encode()) > 255 else ""


def _folded(path: str) -> str:
    return unicodedata.normalize("NFKC", path).casefold()


def _twin(path: str, tree: Collection[str]) -> str:
    wanted = _folded(path)
    return next((other for other in tree if _folded(other) == wanted), "")
