"""The one commit of a proposal: all of it but its tree and its time follows from the request.

So `publish` compares it byte by byte, and no word of a model or an issue is in it: a message could
close issues, mention people or skip CI.
"""

from codeorch.github.request import IssueRequest

NAME = "codeorch"
EMAIL = "codeorch@users.noreply.github.com"
_WHO = f"{NAME} <{EMAIL}>".encode()


def commit_message(request: IssueRequest) -> str:
    """Return the message of the commit."""
    return (
        f"Change what issue #{request.number} asks for\n\n"
        f"Codeorch-Run: {request.run_url}\nCodeorch-Request: {request.digest}\n"
    )


def expected_commit(tree: str, base: str, time: int, request: IssueRequest) -> bytes:
    """Return the commit as git stores it; `time` in seconds since the epoch."""
    who = b"%s %d +0000" % (_WHO, time)
    head = f"tree {tree}\nparent {base}\n".encode()
    return head + b"author %s\ncommitter %s\n\n" % (who, who) + commit_message(request).encode()
