"""A GitHub of our own over real HTTP: the REST API of one repository, and git's smart protocol.

With GitHub's OpenAPI description at hand (`GitHubServer(..., description=...)`), every request is
held against it, and every answer is filled up to the whole form that it describes and held against
it, too; what does not fit stands in `faults`.
"""

import base64
import json
import os
import re
import subprocess
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

BOT = {"login": "github-actions[bot]", "id": 41898282, "type": "Bot"}
REPOSITORY = "acme/shop"
TOKEN = "ghs_" + "w" * 36


class Refused(Exception):
    def __init__(self, status, message="as the test wants", headers=None, errors=()):
        super().__init__(message)
        self.status, self.message, self.headers = status, message, headers or {}
        self.errors = list(errors)


class GitHubServer:
    """Serves one repository, whose git is the bare repository at `remote`."""

    def __init__(self, remote: Path, *, description=None):
        self.remote = remote
        self.description = description
        self.faults = []
        self.requests = []  # (method, path, body, headers)
        self.permissions = {"ada": "admin", "ben": "write", "tess": "read", "rita": "read"}
        self.issue = {"number": 7, "title": "", "body": "", "state": "open", "user": user("eve")}
        self.comments = []
        self.pulls = []
        self.reactions = []
        self.script = []  # [method, pattern, Refused or callable], each used once
        self.tokens = {TOKEN: BOT}
        self.gone = False
        self._lock = threading.RLock()
        handler = type("Handler", (_Handler,), {"hub": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.api_url = f"{self.url}/api"

    def __enter__(self):
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    # ------------------------------------------------------------------ what tests ask

    def fail(self, method, pattern, status, times=1, **more):
        self.script += [[method, pattern, Refused(status, **more)] for _ in range(times)]

    @property
    def own_comments(self):
        return [one for one in self.comments if one["user"]["id"] == BOT["id"]]

    @property
    def branches(self):
        out = self.git("for-each-ref", "--format=%(refname:short)", "refs/heads/")
        return [name for name in out.split() if name != "main"]

    def git(self, *args):
        done = subprocess.run(
            ["git", "-C", str(self.remote), *args], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    # ------------------------------------------------------------------ the API

    def answer(self, method, path, query, body, headers):
        token = headers.get("authorization", "").removeprefix("Bearer ")
        with self._lock:
            self.requests.append((method, path, body, headers))
            for row in self.script:
                if row[0] == method and re.search(row[1], path):
                    self.script.remove(row)
                    if callable(row[2]):
                        row[2]()
                        break
                    raise row[2]
            if token not in self.tokens:
                raise Refused(401, "Bad credentials")
            for verb, pattern, act in _ROUTES:
                if verb == method and (match := re.fullmatch(pattern, path)):
                    parts = map(urllib.parse.unquote, match.groups())
                    return act(self, *parts, query=query, body=body, who=self.tokens[token])
            raise Refused(404, "Not Found")

    def _repository(self, **_):
        return 200, {"full_name": REPOSITORY, "name": "shop", "default_branch": "main"}

    def _permission(self, login, **_):
        if login not in self.permissions:
            raise Refused(404, f"{login} is not a user")
        permission = self.permissions[login]
        role = {"ben": "maintain", "tess": "triage"}.get(login, permission)
        return 200, {"permission": permission, "role_name": role, "user": user(login)}

    def _user(self, login, **_):
        known = {one["login"]: one for one in self.tokens.values()}
        return 200, known.get(login) or user(login)

    def _issue(self, number, **_):
        if self.gone:
            raise Refused(410, "This issue was deleted")
        if int(number) != self.issue["number"]:
            raise Refused(404, "Not Found")
        return 200, self.issue

    def _list_comments(self, number, query, **_):
        size, page = int(query.get("per_page", 30)), int(query.get("page", 1))
        rows = self.comments[(page - 1) * size : page * size]
        more = len(self.comments) > page * size
        link = f'<{self.api_url}/x?page={page + 1}>; rel="next"' if more else ""
        return 200, rows, {"link": link} if link else {}

    def _add_comment(self, number, body, who, **_):
        _limit(body["body"])
        made = {"id": 1000 + len(self.comments), "body": body["body"], "user": who}
        self.comments.append(made)
        return 201, made

    def _edit_comment(self, number, body, who, **_):
        _limit(body["body"])
        for one in self.comments:
            if one["id"] == int(number):
                if one["user"]["id"] != who["id"]:
                    raise Refused(403, "Must have admin rights")
                one["body"] = body["body"]
                return 200, one
        raise Refused(404, "Not Found")

    def _react(self, number, body, who, **_):
        self.reactions.append(body["content"])
        return 201, {"id": 1, "content": body["content"], "user": who}

    def _list_pulls(self, query, **_):
        rows = [one for one in self.pulls if query.get("state", "open") in ("all", one["state"])]
        if head := query.get("head"):
            rows = [one for one in rows if one["head"]["label"] == head]
        return 200, rows

    def _open_pull(self, body, who, **_):
        label = f"acme:{body['head']}"
        if any(one["head"]["label"] == label and one["state"] == "open" for one in self.pulls):
            told = {"resource": "PullRequest", "code": "custom",
                    "message": f"A pull request already exists for {label}."}  # fmt: skip
            raise Refused(422, "Validation Failed", errors=[told])
        if body["head"] not in self.branches:
            raise Refused(422, "Validation Failed")
        _limit(body["body"])
        number = 100 + len(self.pulls)
        made = {
            "number": number, "title": body["title"], "body": body["body"], "state": "open",
            "draft": body.get("draft", False), "user": who,
            "html_url": f"{self.url}/{REPOSITORY}/pull/{number}",
            "head": {"ref": body["head"], "label": label, "repo": {"full_name": REPOSITORY},
                     "sha": self.git("rev-parse", body["head"])},
            "base": {"ref": body["base"], "repo": {"full_name": REPOSITORY}},
        }  # fmt: skip
        self.pulls.append(made)
        return 201, made

    def _edit_pull(self, number, body, **_):
        for one in self.pulls:
            if one["number"] == int(number):
                one.update(body)
                return 200, one
        raise Refused(404, "Not Found")

    def _ref(self, name, **_):
        try:
            sha = self.git("rev-parse", "--verify", f"refs/heads/{name}")
        except subprocess.CalledProcessError:
            raise Refused(404, "Not Found") from None
        return 200, {"ref": f"refs/heads/{name}", "object": {"type": "commit", "sha": sha}}

    def _commit(self, sha, **_):
        form = "%an%x00%ae%x00%cn%x00%ce%x00%P%x00%B"
        name, mail, by, by_mail, parents, text = self.git(
            "log", "-1", f"--format={form}", sha
        ).split("\0")
        return 200, {
            "sha": sha, "message": text.strip(),
            "author": {"name": name, "email": mail, "date": "2026-01-02T03:04:05Z"},
            "committer": {"name": by, "email": by_mail, "date": "2026-01-02T03:04:05Z"},
            "parents": [{"sha": parent} for parent in parents.split()],
        }  # fmt: skip


def user(login):
    kind = "Bot" if login.endswith("[bot]") else "User"
    return {"login": login, "id": 1000 + sum(map(ord, login)), "type": kind}


def _limit(text):
    if len(text) > 65_536:
        raise Refused(422, "Validation Failed")


_R = rf"/repos/{REPOSITORY}"
_ROUTES = [
    ("GET", _R, GitHubServer._repository),
    ("GET", rf"{_R}/collaborators/([^/]+)/permission", GitHubServer._permission),
    ("GET", r"/users/([^/]+)", GitHubServer._user),
    ("GET", rf"{_R}/issues/(\d+)", GitHubServer._issue),
    ("GET", rf"{_R}/issues/(\d+)/comments", GitHubServer._list_comments),
    ("POST", rf"{_R}/issues/(\d+)/comments", GitHubServer._add_comment),
    ("PATCH", rf"{_R}/issues/comments/(\d+)", GitHubServer._edit_comment),
    ("POST", rf"{_R}/issues/(\d+)/reactions", GitHubServer._react),
    ("GET", rf"{_R}/pulls", GitHubServer._list_pulls),
    ("POST", rf"{_R}/pulls", GitHubServer._open_pull),
    ("PATCH", rf"{_R}/pulls/(\d+)", GitHubServer._edit_pull),
    ("GET", rf"{_R}/git/ref/heads/(.+)", GitHubServer._ref),
    ("GET", rf"{_R}/git/commits/([0-9a-f]+)", GitHubServer._commit),
]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: GitHubServer

    def log_message(self, *_):
        pass

    def _serve(self):
        self.close_connection = True
        place = urllib.parse.urlsplit(self.path)
        raw = self._body()
        headers = {name.lower(): value for name, value in self.headers.items()}
        if ".git/" in place.path:
            self._git(place, raw, headers)
            return
        path = place.path.removeprefix("/api")
        query = dict(urllib.parse.parse_qsl(place.query))
        body = json.loads(raw) if raw else None
        check = self.hub.description
        if check:
            self.hub.faults += check.request_faults(self.command, path, query, body)
        try:
            status, value, *more = self.hub.answer(self.command, path, query, body, headers)
            extra = more[0] if more else {}
        except Refused as refused:
            status, extra = refused.status, refused.headers
            value = {"message": refused.message, "documentation_url": "https://docs.example.org",
                     "status": str(status)}  # fmt: skip
            if refused.errors:
                value["errors"] = refused.errors
        if check:
            value, faults = check.whole_answer(self.command, path, status, value)
            self.hub.faults += faults
        self._send(status, json.dumps(value).encode(), "application/json", extra)

    do_GET = do_POST = do_PATCH = _serve  # noqa: N815 - the standard library's names

    def _body(self):
        if "chunked" in (self.headers.get("transfer-encoding") or ""):
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def _send(self, status, body, kind, headers):
        self.send_response(status)
        for name, value in {
            "content-type": kind, "content-length": len(body), "connection": "close", **headers,
        }.items():  # fmt: skip
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def _git(self, place, raw, headers):
        """Hand a request to git's own server program, for whoever knows the token."""
        hub = self.hub
        given = base64.b64decode(headers.get("authorization", "").removeprefix("Basic "))
        _, _, token = given.decode().partition(":")
        hub.requests.append((self.command, place.path, None, headers))
        if token not in hub.tokens:
            self._send(401, b"", "text/plain", {"www-authenticate": 'Basic realm="GitHub"'})
            return
        name = place.path.partition(".git/")[2]
        env = {
            "PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": str(hub.remote.parent),
            "GIT_HTTP_EXPORT_ALL": "1", "REQUEST_METHOD": self.command, "REMOTE_USER": "bot",
            "PATH_INFO": f"/{hub.remote.name}/{name}", "QUERY_STRING": place.query,
            "CONTENT_TYPE": headers.get("content-type", ""), "CONTENT_LENGTH": str(len(raw)),
            "HTTP_CONTENT_ENCODING": headers.get("content-encoding", ""),
            "GIT_CONFIG_COUNT": "2", "GIT_CONFIG_KEY_0": "http.receivepack",
            "GIT_CONFIG_VALUE_0": "true", "GIT_CONFIG_KEY_1": "safe.directory",
            "GIT_CONFIG_VALUE_1": "*",
        }  # fmt: skip
        done = subprocess.run(
            ["git", "http-backend"], input=raw, env=env, capture_output=True, check=False
        )
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        rows = [line.partition(": ") for line in head.decode().split("\r\n")]
        told = {name.lower(): value for name, _, value in rows}
        status = int(told.pop("status", "200").split()[0])
        self._send(status, body, told.pop("content-type", "text/plain"), told)
