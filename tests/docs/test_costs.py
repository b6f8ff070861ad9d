"""What the docs say a run costs is what the page is asked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import pytest

from statuspage_provider import lookups
from tests.support.markdown import Page as Document
from tests.support.page import Page
from tests.support.program import Program
from tests.support.statuspage_me import Account

ROWS = dict(Document("docs/lifecycle.md").table("What it costs in API requests"))
Doing = Callable[[Page, Program, Program], object]


def costs(page: Page) -> Counter[str]:
    return Counter(line.split()[0] for line in page.asked())


def written(what: str) -> Counter[str]:
    """The cost that a row names."""
    return Counter(
        {method: int(number) for number, method in re.findall(r"(\d+) ([A-Z]+)\b", ROWS[what].partition(";")[0])}
    )


def move(page: Page, window: Program, _incident: Program) -> object:
    return window.edit(start_at="2026-03-02T14:00:00Z").up()


def changed_and_removed(page: Page) -> None:
    past = page.retrospective()
    past.up()
    page.asked()
    past.edit(name="Renamed").up()
    past.destroy()


def changed(page: Page, window: Program) -> None:
    window.up()
    page.asked()
    window.edit(name="Renamed", message="More.").up()


# Each with a window (and an incident) that is there already; a tuple's actions cost the same, each by itself.
DOING: dict[str, tuple[Doing, ...]] = {
    "a run without a change, a preview": (
        lambda page, window, incident: window.up(),
        lambda page, window, incident: incident.up(),
        lambda page, window, incident: window.edit(name="Renamed").preview(),
    ),
    "announce a window, open an incident": (
        lambda page, window, incident: page.maintenance(idempotency_key="another").up(),
        lambda page, window, incident: page.incident(idempotency_key="another").up(),
    ),
    "announce a window, open an incident on statuspage.me": (
        lambda page, window, incident: Account(page).incident().up(),
        lambda page, window, incident: Account(page).window().up(),
    ),
    "change a window on statuspage.me": (lambda page, window, incident: changed(page, Account(page).window()),),
    "publish a past incident": (lambda page, window, incident: page.retrospective().up(),),
    "change or remove a past incident": (lambda page, window, incident: changed_and_removed(page),),
    "rename a window": (lambda page, window, incident: window.edit(name="Renamed").up(),),
    "move a window": (move,),
    "rename an incident": (lambda page, window, incident: incident.edit(name="Renamed").up(),),
    "publish a message or a status": (
        lambda page, window, incident: window.edit(message="Other text.").up(),
        lambda page, window, incident: window.edit(maintenance_status="maintenance_in_progress").up(),
        lambda page, window, incident: incident.edit(message="Other text.").up(),
        lambda page, window, incident: incident.edit(incident_status="resolved").up(),
    ),
    "move a window and tell subscribers": (
        lambda page, window, incident: move(page, window.edit(notify_subscribers=["rescheduled"]), incident),
    ),
    "refresh, for each resource": (
        lambda page, window, incident: window.refresh(),
        lambda page, window, incident: incident.refresh(),
    ),
    "destroy a window that has not begun": (lambda page, window, incident: window.destroy(),),
    "destroy a window that has begun, or an open incident": (
        lambda page, window, incident: (page.advance(hours=3), window.destroy()),
        lambda page, window, incident: incident.destroy(),
    ),
}


@pytest.mark.parametrize(
    ("what", "do"),
    [pytest.param(what, do, id=f"{what}-{number}") for what, all_ in DOING.items() for number, do in enumerate(all_)],
)
def test_what_is_done_costs_what_the_docs_say(page: Page, what: str, do: Doing) -> None:
    window, incident = page.maintenance(), page.incident()
    window.up()
    incident.up()
    page.asked()
    do(page, window, incident)
    assert costs(page) == written(what)
    assert written(what) or ROWS[what] == "none"


def test_a_look_up_costs_one_request_for_the_pages_and_one_for_the_components(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INCIDENT_ENDPOINT", page.url)
    monkeypatch.setenv("INCIDENT_API_KEY", "emulator-read")
    for cached in (lookups._pages, lookups._components):
        cached.cache_clear()
    lookups.get_status_page(name="Acme Status").component("API")
    assert costs(page) == {"GET": 2}
    assert ROWS["look pages up"] == "1 GET for 250 pages, 1 GET for the components of each page asked"


def test_every_row_is_measured() -> None:
    assert set(DOING) | {"look pages up"} == set(ROWS)
