"""A real server on loopback that writes whatever bytes a test gives it, and knows what it was asked."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

Respond = Callable[[bytes], Iterable[bytes]]


@contextmanager
def listening(respond: Respond) -> Iterator[str]:
    """The URL of a server that answers each connection's one request: `respond` makes the parts from its head."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_serve, args=(server, respond), daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def _serve(server: socket.socket, respond: Respond) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=_answer, args=(connection, respond), daemon=True).start()


def _answer(connection: socket.socket, respond: Respond) -> None:
    with connection:
        head = b""
        try:
            while b"\r\n\r\n" not in head:
                if not (part := connection.recv(65536)):
                    return
                head += part
            head, _, body = head.partition(b"\r\n\r\n")
            sent = re.search(rb"(?i)^content-length: (\d+)", head, re.MULTILINE)
            # What is left unread at the end would reset the connection, and the answer with it.
            while len(body) < int(sent[1] if sent else 0) and (part := connection.recv(65536)):
                body += part
            for part in respond(head):
                connection.sendall(part)
        except OSError:
            # The client has hung up, which is what most tests want.
            return


def response(status: str, body: bytes, *headers: str) -> bytes:
    """One whole response."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1") + body
