"""An emulator of incident.io's status pages and of statuspage.me: same calls, same refusals, its own clock.

    emulator = Emulator()
    httpx.Client(transport=httpx.WSGITransport(app=emulator.app), base_url="http://localhost")

    with Emulator().serve() as served:
        ...  # served.url is http://127.0.0.1:PORT

It is for tests and rehearsals, needs the `emulator` extra, and shares no code with the client it stands against.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

try:
    import flask as _flask  # noqa: F401
    import markdown_it as _markdown_it  # noqa: F401
except ModuleNotFoundError as error:
    _LINE = "the emulator needs more packages: pip install 'statuspage-provider[emulator]'"
    raise ModuleNotFoundError(_LINE, name=error.name) from None

from .differences import DifferencesOrder
from .faults import Fault
from .incident_io.bodies import NewPage
from .incident_io.pages import DEFAULT_PAGE_ID
from .keys import KEYS
from .middleware import Middleware
from .server import Served
from .server import serve as _serve
from .statuspage_me import bodies as _statuspage_me
from .statuspage_me.objects import DEFAULT_PAGE_ID as _DEFAULT_STATUSPAGE_ME_PAGE_ID
from .world import Kept, World

__all__ = ["KEYS", "Emulator", "Served"]


class Emulator:
    """One emulated account. What the control routes do over HTTP, this does in process."""

    page_id = DEFAULT_PAGE_ID
    statuspage_me_page_id = _DEFAULT_STATUSPAGE_ME_PAGE_ID

    def __init__(self, state: Path | None = None, now: Callable[[], datetime] | None = None) -> None:
        self._world = World(state, now)
        self.app = Middleware(self._world)

    @contextlib.contextmanager
    def serve(self, port: int = 0) -> Iterator[Served]:
        """Serve on 127.0.0.1 while the block runs. Port 0 takes a free one."""
        with _serve(self.app, port) as served:
            yield served

    @property
    def requests(self) -> list[dict[str, Any]]:
        """Every API and widget request so far."""
        with self._world.turn():
            return self._world.store.read_log("requests")

    @property
    def notices(self) -> list[dict[str, Any]]:
        """Every mail that subscribers would have got."""
        with self._world.turn():
            return self._world.store.read_log("notices")

    @property
    def components(self) -> dict[str, str]:
        """The default page's component ids by name, `EU / Database` for those in a group."""
        with self._world.turn():
            return self._world.incident_io.page(self.page_id).components_by_name()

    @property
    def statuspage_me_components(self) -> dict[str, str]:
        """Component ids by name of statuspage.me's default page."""
        with self._world.turn():
            return self._world.statuspage_me.page(self.statuspage_me_page_id).components_by_name()

    @property
    def now(self) -> datetime:
        return self._world.clock.now()

    def clear_requests(self) -> None:
        with self._world.turn():
            self._world.store.clear_log("requests")

    def reset(self) -> None:
        """Back to the beginning, the clock too."""
        with self._world.turn():
            self._world.reset()

    def keep(self) -> Kept:
        """What it remembers now, and its time, for `restore`: tests that begin alike can begin there."""
        with self._world.turn():
            return self._world.keep()

    def restore(self, kept: Kept) -> None:
        """Back to what was kept, of this emulator or another. Faults that were ordered are dropped."""
        with self._world.turn():
            self._world.restore(kept)

    def set_clock(self, now: datetime) -> None:
        """Make it this time. The clock ticks on from there."""
        with self._world.turn():
            self._world.set_clock(now)

    def advance(self, seconds: float) -> None:
        with self._world.turn():
            self._world.advance(seconds)

    def fault(self, **order: Any) -> None:
        """Order a failure: `fault(kind="status:503", times=2, path_prefix="/v2/status_page_maintenances")`."""
        with self._world.turn():
            self._world.faults.order(Fault(**order))

    def carry_out_late(self) -> int:
        """Carry out now each request that waits because of a fault `late:n`. Returns how many there were."""
        with self._world.turn():
            return self._world.late_requests.carry_out_all()

    def differ(self, **switches: Any) -> None:
        """Differ from the documents: `differ(stale_reads=1, public_urls=False)`. What is left out stays as it is."""
        with self._world.turn():
            self._world.differ(DifferencesOrder(**switches))

    def set_subscribers(self, status_page_id: str, count: int) -> None:
        with self._world.turn():
            self._world.set_subscribers(status_page_id, count)

    def add_page(self, name: str, **layout: Any) -> str:
        """One more page, laid out as for `POST /_emulator/pages`. Returns its id."""
        with self._world.turn():
            return self._world.incident_io.add_page(NewPage(name=name, **layout)).id

    def add_statuspage_me_page(self, name: str, **layout: Any) -> str:
        """One more statuspage.me page, laid out as for `POST /_emulator/statuspage_me/pages`. Returns its id."""
        with self._world.turn():
            return self._world.statuspage_me.add_page(_statuspage_me.NewPage(name=name, **layout)).id

    def set_statuspage_me(self, **order: Any) -> None:
        """Choose how statuspage.me answers: `set_statuspage_me(shape="nested", states={"resolved": "9"})`."""
        with self._world.turn():
            self._world.statuspage_me.set_answers(_statuspage_me.AnswersOrder(**order))

    def close(self) -> None:
        """Let go of the state file."""
        with self._world.store.lock:
            self._world.store.close()
