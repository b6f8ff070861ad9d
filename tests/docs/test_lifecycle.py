"""The tables of the docs say what the tables of the provider's tests prove."""

from __future__ import annotations

from tests.support.lifecycle_tables import CELLS, INCIDENT_CELLS, LEAVING, PHASES, TIMES_CELLS, TIMES_LEAVING, UNREAD
from tests.support.markdown import Page, bare

LIFECYCLE, ON_STATUSPAGE_ME = Page("docs/lifecycle.md"), Page("docs/statuspage-me.md")

WORDS = {
    "PATCH maintenance": "PATCH window",
    "POST maintenances": "POST window",
    "DELETE maintenance": "DELETE window",
    "POST status_page_maintenances": "POST window",
    "PUT status_page_maintenances": "PUT window",
    "DELETE status_page_maintenances": "DELETE window",
    "POST status_page_maintenance_updates": "POST update",
    "POST status_page_incidents": "POST incident",
    "PUT status_page_incidents": "PUT incident",
    "POST status_page_incident_updates": "POST update",
}


def cell(step: str, written: list[str], said: str | None = None) -> str:
    """How a cell of the tests is written in the docs: `update: PUT window; "recorded only"`."""
    if step in ("check", "refused"):
        return f'refused: "{said}"'
    sent = ", ".join(WORDS[line] for line in written)
    text = f"{step}: {sent}" if sent else step
    return f'{text}; "{said}"' if said else text


def written(rows: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def test_what_a_change_of_a_window_does_is_what_the_tests_prove() -> None:
    cells = CELLS.items()
    proven = [[f"`{name}`", *(cell(*each) for each in phases)] for name, (_, phases) in cells]
    assert written(LIFECYCLE.table("What a change does")) == written(proven)


def test_what_a_change_does_after_people_edited_the_page_is_what_the_tests_prove() -> None:
    cells = UNREAD.items()
    proven = [[f"`{name}`", *(cell(*each) for each in edited)] for name, edited in cells]
    assert written(LIFECYCLE.table("After people edited the page")) == written(proven)


def test_what_a_change_of_an_incident_does_is_what_the_tests_prove() -> None:
    proven = []
    for change, when_open, when_resolved in INCIDENT_CELLS:
        label = ", ".join(f"`{field}`" for field in change) or "`nothing`"
        proven.append([label, cell(*when_open), cell(*when_resolved)])
    assert written(Page("docs/incidents.md").table("What a change does")) == written(proven)


def test_leaving_the_program_does_what_the_tests_prove() -> None:
    proven = []
    for on_delete, sent in LEAVING:
        cells = [", ".join(WORDS[line] for line in sent[phase]) or "nothing" for phase in PHASES]
        proven.append([f'`"{on_delete}"`', *cells])
    assert written(LIFECYCLE.table("Leaving the program")) == written(proven)


def test_the_events_are_those_of_the_model() -> None:
    from statuspage_provider.statuses import EVENTS

    assert tuple(bare(row[0]) for row in Page("docs/windows.md").table("Emails")) == EVENTS


def test_what_a_change_of_a_window_that_is_its_times_does_is_what_the_tests_prove() -> None:
    proven = [[f"`{name}`", *(cell(*each) for each in cells)] for name, (_, cells) in TIMES_CELLS.items()]
    assert written(ON_STATUSPAGE_ME.table("Windows", "change | scheduled")) == written(proven)


def test_what_leaving_does_to_a_window_that_is_its_times_is_what_the_tests_prove() -> None:
    proven = [
        [f'`"{on_delete}"`', *(", ".join(WORDS[line] for line in sent[phase]) or "nothing" for phase in PHASES)]
        for on_delete, sent in TIMES_LEAVING
    ]
    assert written(ON_STATUSPAGE_ME.table("Windows", "on_delete | scheduled")) == written(proven)
