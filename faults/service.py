"""The emulator as a process of its own, which halts at a request on order, so that anything can be killed there.

`python -m faults.service STATE PORT` prints what is on its pages as one line of JSON. `stop 3 before` on standard input
halts it at the third API request from then on, before or after that is carried out; it says `reached`, and `go` lets
it run on.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import httpx

from statuspage_provider.emulator import Emulator

Side = Literal["before", "after"]


class Halting:
    """Between server and emulator: holds one request up."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._left, self._side = 0, "before"
        self._go = threading.Event()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        side = None if environ["PATH_INFO"].startswith("/_emulator") else self._meets()
        if side == "before":
            self._halt()
        answer = list(self._app(environ, start_response))
        if side == "after":
            self._halt()
        return answer

    def obey(self, order: str) -> None:
        match order.split():
            case ["stop", number, side]:
                with self._lock:
                    self._left, self._side = int(number), side
                    self._go.clear()
            case ["go"]:
                with self._lock:
                    self._left = 0
                self._go.set()

    def _meets(self) -> str | None:
        with self._lock:
            self._left -= 1
            return self._side if self._left == 0 else None

    def _halt(self) -> None:
        print("reached", flush=True)
        self._go.wait()


class Service:
    """That process, as the campaign has it. It keeps its port and its state when it is killed and started again."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self.port = 0
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "faults.service", str(self._state), str(self.port)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.pages: dict[str, Any] = json.loads(self._process.stdout.readline())
        self.port = self.pages["port"]
        self.url = f"http://127.0.0.1:{self.port}"
        self.reached = threading.Event()
        threading.Thread(target=self._listen, args=(self._process, self.reached), daemon=True).start()

    @property
    def runs(self) -> bool:
        return self._process.poll() is None

    def stop_at(self, number: int, side: Side) -> None:
        self.reached.clear()
        self._tell(f"stop {number} {side}")

    def go(self) -> None:
        self._tell("go")

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = httpx.request(method, f"{self.url}/_emulator/{path}", json=body, verify=False)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def call(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """What a person does, with a key of its own."""
        key = "spk_emulator-write" if path.startswith("/user") else "emulator-write"
        return httpx.request(
            method, self.url + path, json=body, headers={"Authorization": f"Bearer {key}"}, verify=False
        )

    @staticmethod
    def _listen(process: subprocess.Popen[str], reached: threading.Event) -> None:
        assert process.stdout is not None
        for _ in process.stdout:
            reached.set()

    def _tell(self, order: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(order + "\n")
        self._process.stdin.flush()


def main(state: str, port: str) -> None:
    emulator = Emulator(Path(state))
    pages = {
        "incident.io": {"page": emulator.page_id, "components": sorted(emulator.components.values())},
        "statuspage.me": {
            "page": emulator.statuspage_me_page_id,
            "components": sorted(emulator.statuspage_me_components.values()),
        },
    }
    emulator.app = halting = Halting(emulator.app)  # type: ignore[assignment]
    with emulator.serve(int(port)) as served:
        print(json.dumps({**pages, "port": served.port}), flush=True)
        for line in sys.stdin:
            halting.obey(line)


if __name__ == "__main__":
    main(*sys.argv[1:])
