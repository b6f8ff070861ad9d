"""What the service has, as it answers: timelines in order, times, and where a component stands."""

from datetime import datetime, timezone

import pytest

from statuspage_provider import remote

UTC = timezone.utc


def update(id_, at, **more):
    return {"id": id_, "message": "m", "published_at": at, **more}


REMOTE = {
    "id": "w",
    "name": "n",
    "status_page_id": "page",
    "published_at": "2026-03-01T00:00:00Z",
    "maintenance_status": "maintenance_in_progress",
    "updates": [
        update("3", "2026-03-01T03:00:00Z"),
        update("1", "2026-03-01T01:00:00Z"),
        update("2", "2026-03-01T02:00:00Z"),
    ],
    "component_maintenance_periods": [
        {"component_id": "b", "start_at": "2026-03-01T22:00:00.5Z", "end_at": "2026-03-01T23:00:00.5Z"},
        {"component_id": "a", "start_at": "2026-03-01T21:00:00Z", "end_at": "2026-03-01T22:00:00Z"},
        {"component_id": "a", "start_at": "2026-03-01T23:00:00Z"},
    ],
}


def test_a_timeline_is_in_order_whatever_order_it_came_in():
    found = remote.Maintenance.model_validate(REMOTE)
    assert [entry.id for entry in found.timeline] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("known", "since"), [("1", ["2", "3"]), ("3", []), (None, ["1", "2", "3"]), ("gone", ["1", "2", "3"])]
)
def test_what_came_since_an_update_is_what_came_after_it(known, since):
    assert [entry.id for entry in remote.Maintenance.model_validate(REMOTE).since(known)] == since


def test_a_window_spans_the_periods_of_its_components():
    found = remote.Maintenance.model_validate(REMOTE)
    assert found.window == (datetime(2026, 3, 1, 21, tzinfo=UTC), datetime(2026, 3, 1, 23, tzinfo=UTC))
    assert found.affected_component_ids == ["a", "b"]
    assert found.phase == "in_progress"


@pytest.mark.parametrize(
    "periods", [[], [{"component_id": "a", "start_at": "2026-03-01T21:00:00Z"}]], ids=["none", "no end"]
)
def test_a_window_without_an_end_to_read_has_no_times(periods):
    assert remote.Maintenance.model_validate({**REMOTE, "component_maintenance_periods": periods}).window is None


def test_an_update_has_the_status_of_its_kind():
    entry = remote.Update.model_validate(update("1", "2026-03-01T01:00:00Z", incident_status="resolved"))
    assert entry.status == "resolved"
    assert remote.Update.model_validate(update("1", "2026-03-01T01:00:00Z")).status is None


@pytest.mark.parametrize(
    ("where", "path"),
    [({}, "API"), ({"group": "EU"}, "EU / API"), ({"group": "EU", "sub_page": "Acme"}, "Acme / EU / API")],
)
def test_a_component_is_found_by_where_it_stands(where, path):
    assert remote.Component(id="1", name="API", **where).path == path
