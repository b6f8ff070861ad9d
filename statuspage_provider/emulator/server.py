"""The emulator on a socket: one thread for each connection, on this machine's own address only."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Served:
    """Where it listens."""

    url: str
    port: int


class _Handler(WSGIRequestHandler):
    """Prints nothing. Its server knows each connection, and ends those still open when it stops."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        super().finish()

    def log(self, type: str, message: str, *args: Any) -> None:
        pass

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:
        """An ordered reset: nothing more is said on this connection."""
        self.close_connection = True


class _Server(ThreadedWSGIServer):
    def __init__(self, app: Callable[..., Any], port: int) -> None:
        self.connections: set[socket.socket] = set()
        with socket.create_server((HOST, port)) as listening:  # werkzeug would exit the process on a taken port
            super().__init__(HOST, listening.getsockname()[1], app, _Handler, fd=listening.fileno())

    def stop(self) -> None:
        self.shutdown()
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


@contextlib.contextmanager
def serve(app: Callable[..., Any], port: int = 0) -> Iterator[Served]:
    """Serve from a thread of its own. Port 0 takes a free one."""
    server = _Server(app, port)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="emulator", daemon=True)
    thread.start()
    try:
        yield Served(f"http://{HOST}:{server.port}", server.port)
    finally:
        server.stop()
        thread.join()
