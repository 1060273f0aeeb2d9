"""Why an answer does not become an edit: a code, the place, and words for its two readers."""

from codeorch.errors import ReplyError


class Refusal(ReplyError):
    """An answer that is not applied. str() is for the model, `brief` for the user.

    `code` is one of: empty, no_change, truncated, placeholder, not_found, ambiguous,
    contradiction, no_anchor, indentation, path, protected, mode, binary, encoding. `hunk` counts
    from 1; 0 stands for the answer as a whole.
    """

    def __init__(self, *, code: str, brief: str, hunk: int = 0, detail: str = "") -> None:
        where = f"hunk {hunk}: " if hunk else ""
        super().__init__(f"{where}{brief}." + (f"\n{detail}" if detail else ""))
        self.code = code
        self.hunk = hunk
        self.brief = f"{where}{brief}"
