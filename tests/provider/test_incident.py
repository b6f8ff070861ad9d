"""Stories of one incident: opened once, told on, resolved, taken over."""

from __future__ import annotations

from typing import Any

import pytest

from statuspage_provider import LostAnswer, NotFound, Refused
from tests.support.lifecycle_tables import INCIDENT_CELLS
from tests.support.page import Page
from tests.support.program import CheckFailed, Killed

INCIDENTS = "status_page_incidents"
UPDATES = "status_page_incident_updates"


def test_an_incident_is_opened_by_one_post_and_one_read(page: Page) -> None:
    incident = page.incident()
    assert incident.up() == "create"
    assert page.asked() == [f"POST {INCIDENTS}", f"GET {INCIDENTS}"]
    assert incident.outs["phase"] == "investigating"


@pytest.mark.parametrize(
    ("change", "when_open", "when_resolved"),
    INCIDENT_CELLS,
    ids=str,
)
@pytest.mark.parametrize("resolved", [False, True], ids=["open", "resolved"])
def test_cell(
    page: Page,
    change: dict[str, Any],
    when_open: tuple[str, list[str]],
    when_resolved: tuple[str, list[str]],
    resolved: bool,
) -> None:
    incident = page.incident()
    incident.up()
    if resolved:
        incident.edit(incident_status="resolved", message="Fixed.").up()
    page.asked()
    if "component_statuses" in change:
        change = {**change, "component_statuses": {page.api: change["component_statuses"]["API"]}}
    step, written = when_resolved if resolved else when_open
    assert incident.edit(**change).up() == step
    assert page.wrote() == written
    assert incident.up() == "same"
    incident.refresh()
    assert incident.up() == "same"
    assert page.wrote() == []


def test_resolving_sends_no_component_statuses(page: Page) -> None:
    incident = page.incident(component_statuses={page.api: "full_outage"}, notify_subscribers=True)
    incident.up()
    page.asked()
    incident.edit(incident_status="resolved", message="Fixed.", component_statuses={page.api: "operational"}).up()
    (body,) = page.bodies()
    assert "component_statuses" not in body
    assert page.mails() == ["investigating", "resolved"]


def test_reopening_tells_which_components_are_affected_again(page: Page) -> None:
    incident = page.incident(component_statuses={page.api: "full_outage"})
    incident.up()
    incident.edit(incident_status="resolved").up()
    page.asked()
    incident.edit(incident_status="investigating", message="It is back.").up()
    (body,) = page.bodies()
    assert body["component_statuses"] == [{"component_id": page.api, "component_status": "full_outage"}]


@pytest.mark.parametrize(
    ("on_delete", "sent"), [("auto", [f"POST {UPDATES}"]), ("resolve", [f"POST {UPDATES}"]), ("retain", [])]
)
def test_leaving_the_program_resolves_what_is_open(page: Page, on_delete: str, sent: list[str]) -> None:
    incident = page.incident(on_delete=on_delete)
    incident.up()
    page.asked()
    incident.destroy()
    assert page.wrote() == sent
    incident.up()
    page.asked()
    incident.edit(incident_status="resolved").up()
    page.asked()
    incident.destroy()
    assert page.wrote() == []


def test_what_incident_io_cannot_do_is_refused_at_preview(page: Page) -> None:
    with pytest.raises(CheckFailed) as refused:
        page.incident(on_delete="delete", component_id=page.api).preview()
    assert [where for where, _ in refused.value.failures] == ["component_id", "on_delete"]


@pytest.mark.parametrize("times", [1, 3])
def test_a_killed_open_leaves_one_incident(page: Page, times: int) -> None:
    incident = page.incident(notify_subscribers=True)
    for _ in range(times):
        with pytest.raises(Killed):
            incident.up(killed=True)
    incident.up()
    assert len(page.incidents()) == 1
    assert page.mails() == ["investigating"]


def test_an_incident_that_is_not_there_cannot_be_got(page: Page) -> None:
    with pytest.raises(NotFound, match=r"^there is no incident nope: `statuspage list` shows the ids$"):
        page.incident()._provider().read("nope", {})


def test_a_killed_update_is_posted_once(page: Page) -> None:
    incident = page.incident(notify_subscribers=True)
    incident.up()
    incident.edit(message="More.", incident_status="monitoring")
    for _ in range(3):
        with pytest.raises(Killed):
            incident.up(killed=True)
    incident.up()
    assert page.mails() == ["investigating", "monitoring"]


@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "status:502", "status:429"])
def test_an_update_whose_answer_is_lost_is_posted_once(page: Page, kind: str) -> None:
    incident = page.incident(notify_subscribers=True)
    incident.up()
    page.emulator.fault(method="POST", kind=kind, times=1, retry_after=0)
    incident.edit(message="More.")
    if kind == "reset_before":
        # Nobody answered, so it may still be carried out: this run posts no second one.
        with pytest.raises(LostAnswer):
            incident.up()
        assert page.mails() == ["investigating"]
    incident.up()
    assert page.mails() == ["investigating", "investigating"]


def test_a_status_that_a_human_set_is_respected_until_the_declared_one_changes(page: Page) -> None:
    incident = page.incident()
    incident.up()
    page.tell(incident, incident_status="resolved")
    incident.refresh()
    assert incident.outs["phase"] == "resolved"
    assert incident.up() == "same"
    assert incident.edit(message="More.").up() == "update"
    assert page.wrote() == []
    incident.edit(incident_status="identified").up()
    assert page.wrote() == [f"POST {UPDATES}"]


def test_an_opened_and_resolved_incident_is_not_reused_by_a_new_one(page: Page) -> None:
    incident = page.incident()
    incident.up()
    first = incident.id
    incident.destroy()
    incident.up()
    assert incident.id != first
    assert sorted(item["incident_status"] for item in page.incidents()) == ["investigating", "resolved"]


def test_an_adopted_incident_is_never_moved_back(page: Page) -> None:
    made = page.human(
        "POST",
        INCIDENTS,
        status_page_id=page.id,
        name="By hand",
        message="By hand.",
        incident_status="monitoring",
        notify_subscribers=False,
        idempotency_key="by hand",
    )
    incident = page.incident(adopt_id=made["status_page_incident"]["id"], message="By hand.", name="By hand")
    incident.up()
    assert page.wrote() == []
    assert incident.outs["phase"] == "monitoring"
    with pytest.raises(Refused, match=r"adopt_id: there is no incident"):
        page.incident(adopt_id="01HZNONE", idempotency_key="other").up()


def test_replace_on_demand_keeps_the_incident(page: Page) -> None:
    incident = page.incident(notify_subscribers=True)
    incident.up()
    assert incident.up(forced=True) == "replace"
    assert len(page.incidents()) == 1
    assert page.mails() == ["investigating"]


def test_another_page_opens_the_incident_there_and_resolves_it_here(page: Page) -> None:
    incident = page.incident()
    incident.up()
    other, _ = page.another()
    assert incident.edit(status_page_id=other).up() == "replace"
    assert [item["incident_status"] for item in page.incidents()] == ["resolved"]


def test_a_window_and_an_incident_of_one_resource_name_send_different_keys(page: Page) -> None:
    window, incident = page.maintenance(idempotency_key="one"), page.incident(idempotency_key="one")
    for program in (window, incident):
        program.up()
    sent = [body["idempotency_key"] for body in page.bodies() if "idempotency_key" in body]
    assert len(sent) == len(set(sent)) == 2


def test_a_closing_note_is_published_once_after_the_incident_is_resolved(page: Page) -> None:
    incident = page.incident(notify_subscribers=True)
    incident.up()
    with pytest.raises(Refused, match="closing_note: “Slow” is not resolved on the page yet"):
        incident.edit(closing_note="It was the cache.").up()
    with pytest.raises(Refused, match="Resolve it in one `pulumi up`, and add the note in a later one"):
        incident.edit(incident_status="resolved").up()
    incident.edit(closing_note=None).up()
    page.asked()
    assert incident.edit(closing_note="It was the cache.").up() == "update"
    assert page.wrote() == ["POST status_page_incident_updates"]
    assert incident.up() == "same"
    incident.refresh()
    assert incident.up() == "same"
    (shown,) = page.incidents()
    assert [entry["message"] for entry in shown["updates"]][-1] == "It was the cache."
    assert shown["incident_status"] == "resolved"
    assert page.mails() == ["investigating", "resolved", "resolved"]
    assert incident.edit(closing_note=None).up() == "update"
    assert page.wrote() == []


def test_an_incident_is_not_opened_with_a_closing_note(page: Page) -> None:
    with pytest.raises(CheckFailed, match="is for an incident that is resolved: add it afterwards"):
        page.incident(closing_note="It was the cache.").preview()


def test_a_closing_note_that_a_killed_run_published_is_not_published_again(page: Page) -> None:
    incident = page.incident(incident_status="resolved")
    incident.up()
    with pytest.raises(Killed):
        incident.edit(closing_note="It was the cache.").up(killed=True)
    page.asked()
    assert incident.up() == "update"
    assert page.wrote() == []


def test_a_closing_note_that_is_taken_out_and_put_back_is_not_published_again(
    page: Page, capsys: pytest.CaptureFixture[str]
) -> None:
    incident = page.incident(incident_status="resolved", notify_subscribers=True)
    incident.up()
    incident.edit(closing_note="It was the cache.").up()
    incident.edit(closing_note=None).up()
    mails = page.mails()
    page.asked()
    assert incident.edit(closing_note="It was the cache.").up() == "update"
    assert "closing_note is in the timeline already" in capsys.readouterr().out
    assert page.wrote() == []
    assert page.mails() == mails
    assert incident.up() == "same"


def test_an_incident_with_a_closing_note_that_is_replaced_on_demand_stays_as_it_is(page: Page) -> None:
    incident = page.incident(incident_status="resolved")
    incident.up()
    incident.edit(closing_note="It was the cache.").up()
    first = incident.id
    (before,) = page.incidents()
    assert incident.up(triggered=True) == "replace"
    assert incident.id == first
    assert page.incidents() == [before]
    # What `--replace` names is checked as if it were new: nobody can tell whether it is there.
    with pytest.raises(CheckFailed, match="With --replace it is checked as a new one"):
        incident.up(forced=True)
    assert page.incidents() == [before]


@pytest.mark.parametrize("status", ["investigating", "resolved"])
@pytest.mark.parametrize("how", ["forced", "triggered"])
def test_an_incident_that_is_deleted_before_it_is_replaced_on_demand_stays_as_it_is(
    page: Page, status: str, how: str
) -> None:
    incident = page.incident(incident_status=status, notify_subscribers=True)
    incident.up()
    first, (before,) = incident.id, page.incidents()
    assert incident.up(**{how: True}, delete_first=True) == "replace"
    assert incident.id == first
    assert page.incidents() == [before]
    assert page.mails() == [status]
    assert incident.up() == "same"
