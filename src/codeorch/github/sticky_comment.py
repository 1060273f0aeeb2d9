"""The one comment of an issue: made once, known by a mark and its author, rewritten after that."""

from codeorch.github.api import Api, GitHubError, url_part

MARK = "<!-- codeorch: the one comment of this issue -->"
_LIMIT = 65_000  # characters; GitHub takes 65,536
_TRIES = 3


class StickyComment:
    """The comment of one issue, of the account `bot`, e.g. `github-actions[bot]`."""

    def __init__(self, api: Api, number: int, bot: str) -> None:
        self._api = api
        self._list = f"/issues/{number}/comments"
        self._bot = bot
        self._bot_id: int | None = None

    def find(self) -> int:
        """Return the id of the comment, 0 if there is none.

        Anybody can write the mark into a comment, so only our own author's counts.

        Raises:
            GitHubError: GitHub refused.
        """
        own = self._own_id()
        for comment in self._api.pages(self._list):
            author = comment.get("user") or {}
            if author.get("id") == own and str(comment.get("body") or "").startswith(MARK):
                return int(comment["id"])
        return 0

    def save(self, text: str, run_url: str, known_id: int = 0) -> int:
        """Write the comment and return its id; make it where there is none.

        `known_id` is that of an earlier step of this run. A text that is too long is cut, with a
        link to the run.

        Raises:
            GitHubError: GitHub refused.
        """
        body = f"{MARK}\n{text}"
        if len(body) > _LIMIT:
            rest = f"\n\n… cut here; the whole text is in the artefacts of [the run]({run_url})\n"
            body = _close_fence(body[: _LIMIT - len(rest) - 20]) + rest
        if known_id and self._update(known_id, body):
            return known_id
        for attempt in range(1, _TRIES + 1):
            if (number := self.find()) and self._update(number, body):
                return number
            try:
                answer = self._api.call("POST", self._list, {"body": body}, repeats=False)
                return int(answer.value["id"])
            except GitHubError as error:
                # It may have been made all the same: look before it is made once more.
                if attempt == _TRIES or 0 < error.status < 500:
                    raise
        raise AssertionError  # pragma: no cover

    def _update(self, number: int, body: str) -> bool:
        """Rewrite a comment; tell whether it is still there."""
        try:
            self._api.call("PATCH", f"/issues/comments/{number}", {"body": body})
        except GitHubError as error:
            if error.status not in (404, 410):
                raise
            return False
        return True

    def _own_id(self) -> int:
        if self._bot_id is None:
            self._bot_id = int(self._api.get(f"//users/{url_part(self._bot)}")["id"])
        return self._bot_id


def _close_fence(text: str) -> str:
    """Close a block of code that a cut has left open."""
    text = text.rpartition("\n")[0]
    fence = ""
    for line in text.splitlines():
        mark = line.strip()
        if fence:
            fence = "" if mark == fence else fence
        elif mark.startswith("```"):
            fence = mark[: len(mark) - len(mark.lstrip("`"))]
    return f"{text}\n{fence}" if fence else text
