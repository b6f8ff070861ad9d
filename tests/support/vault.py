"""Keeps the keys of stacks on loopback, as far as the engine asks a Vault server for that.

A stack's key is else made of its passphrase, in a million rounds: 0.2 s of a processor, in each of many commands.
"""

from __future__ import annotations

import json
import threading
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRETS_PROVIDER = "hashivault://stacks"
SEALED = "vault:v1:"


class _Transit(BaseHTTPRequestHandler):
    """Seals a key with a word in front of it, and takes that off again."""

    def do_PUT(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/v1/transit/encrypt/stacks":
            answer = {"ciphertext": SEALED + asked["plaintext"]}
        else:
            assert self.path == "/v1/transit/decrypt/stacks"
            answer = {"plaintext": asked["ciphertext"].removeprefix(SEALED)}
        body = json.dumps({"data": answer}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return


@cache
def environment() -> dict[str, str]:
    """What tells the engine of this process's server, which runs from now on."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Transit)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="vault", daemon=True).start()
    return {"VAULT_SERVER_URL": f"http://127.0.0.1:{server.server_address[1]}", "VAULT_SERVER_TOKEN": "any"}
