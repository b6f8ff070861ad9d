"""The APIs for comments on a pull request, as far as a recipe asks them, on loopback: two comments to a page."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "the-token-of-the-bot"
BOT, STRANGER = 7, 8
PAGE = 2

Answer = tuple[int, Any, dict[str, str]]


@dataclass
class Comments:
    """What is said on one pull request, by whom, and what was asked to say it."""

    said: list[tuple[int, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    @property
    def ours(self) -> list[str]:
        return [body for author, body in self.said if author == BOT]

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any, headers: Any) -> Answer:
        raise NotImplementedError

    def edit(self, place: int, body: str) -> Answer:
        if self.said[place][0] != BOT:
            return 403, {}, {}
        self.said[place] = (BOT, body)
        return 200, {}, {}

    def make(self, body: str) -> Answer:
        self.said.append((BOT, body))
        return 201, {}, {}


class GitLab(Comments):
    """Its token may edit what others wrote, so the recipe looks who did."""

    notes = "/api/v4/projects/1/merge_requests/12/notes"

    def edit(self, place: int, body: str) -> Answer:
        self.said[place] = (self.said[place][0], body)
        return 200, {}, {}

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any, headers: Any) -> Answer:
        if headers["PRIVATE-TOKEN"] != TOKEN:
            return 401, {}, {}
        if (method, path) == ("GET", "/api/v4/user"):
            return 200, {"id": BOT}, {}
        if (method, path) == ("POST", self.notes):
            return self.make(body["body"])
        if method == "PUT" and (place := re.fullmatch(rf"{self.notes}/(\d+)", path)):
            return self.edit(int(place[1]), body["body"])
        assert (method, path) == ("GET", self.notes)
        page = int(query["page"][0])
        first, end = (page - 1) * PAGE, page * PAGE
        found = [{"id": id_, "author": {"id": who}, "body": text} for id_, (who, text) in enumerate(self.said)]
        return 200, found[first:end], {"x-next-page": str(page + 1) if end < len(found) else ""}


class Bitbucket(Comments):
    comments = "/2.0/repositories/acme/infra/pullrequests/12/comments"

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any, headers: Any) -> Answer:
        if headers["Authorization"] != f"Bearer {TOKEN}":
            return 401, {}, {}
        if (method, path) == ("POST", self.comments):
            return self.make(body["content"]["raw"])
        if method == "PUT" and (place := re.fullmatch(rf"{self.comments}/(\d+)", path)):
            return self.edit(int(place[1]), body["content"]["raw"])
        assert (method, path) == ("GET", self.comments)
        page = int(query.get("page", ["1"])[0])
        first, end = (page - 1) * PAGE, page * PAGE
        found = [{"id": id_, "content": {"raw": text}, "deleted": False} for id_, (_, text) in enumerate(self.said)]
        following = {"next": f"{self.url}{path}?page={page + 1}"} if end < len(found) else {}
        return 200, {"values": found[first:end], **following}, {}


class AzureDevOps(Comments):
    threads = "/acme/project/_apis/git/repositories/repository/pullRequests/12/threads"

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any, headers: Any) -> Answer:
        assert query["api-version"] == ["7.1"]
        if headers["Authorization"] != f"Bearer {TOKEN}":
            return 401, {}, {}
        if (method, path) == ("POST", self.threads):
            assert body["status"] == "closed"
            (comment,) = body["comments"]
            return self.make(comment["content"])
        if method == "PATCH" and (place := re.fullmatch(rf"{self.threads}/(\d+)/comments/1", path)):
            return self.edit(int(place[1]), body["content"])
        assert (method, path) == ("GET", self.threads)
        # A thread of a vote has a comment of its own kind, and one that is empty has none.
        found = [
            {"id": id_, "comments": [{"id": 1, "content": text}, {"id": 2, "content": "A reply."}]}
            for id_, (_, text) in enumerate(self.said)
        ]
        return 200, {"value": [{"id": 98, "comments": []}, {"id": 99, "comments": [{"id": 1}]}, *found]}, {}


@contextmanager
def served(comments: Comments) -> Iterator[Comments]:
    """The same, with an address on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            where, length = urlsplit(self.path), int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            comments.asked.append(f"{self.command} {where.path.rpartition('/')[2]}")
            status, given, headers = comments.answer(
                self.command, where.path, parse_qs(where.query), body, self.headers
            )
            text = json.dumps(given).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(text))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = do_PATCH = answer

        def log_message(self, format: str, *args: Any) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        comments.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield comments
        server.shutdown()
