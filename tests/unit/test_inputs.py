"""What a program may declare, its one canonical form, and what is refused and why."""

import copy
import json
from datetime import date, datetime, timedelta, timezone

import pytest
from pulumi.output import Unknown
from pydantic import ValidationError

from statuspage_provider.declaring import as_inputs, time_as_text
from statuspage_provider.inputs import IncidentInputs, MaintenanceInputs, RetrospectiveInputs
from statuspage_provider.properties import faults_of
from statuspage_provider.statuses import EVENTS
from statuspage_provider.unknowns import has_unknown
from tests.support.declared import INCIDENT, MISSING, WINDOW, incident, window

UTC = timezone.utc


def both(one, other):
    """A list that gives one component two statuses."""
    return [{"component_id": "a", "component_status": status} for status in (one, other)]


def faults(model, props):
    with pytest.raises(ValidationError) as caught:
        model.model_validate(props)
    return faults_of(caught.value)


# Every input: what is accepted, and its canonical form.

TEXT = [
    ("a text", "x", "x"),
    ("a text with a line break", "one\ntwo", "one\ntwo"),
    ("a text with spaces around, which the service shows", " x ", " x "),
    ("letters of any script", "Überfällige Wartung 維護 🛠", "Überfällige Wartung 維護 🛠"),
]
SHARED = {
    "status_page_id": TEXT,
    "name": [*TEXT, ("200 characters", "é" * 200, "é" * 200)],
    "message": [*TEXT, ("4096 characters", "é" * 4096, "é" * 4096)],
    "delete_message": [*TEXT, ("none", None, None), ("4096 characters", "x" * 4096, "x" * 4096)],
    "adopt_id": [*TEXT, ("none", None, None)],
    "idempotency_key": TEXT,
}
ACCEPTED_BY_WINDOW = {
    **SHARED,
    "service": [("incident.io", "incident.io", "incident.io"), ("statuspage.me", "statuspage.me", "statuspage.me")],
    "time_zone": [("an IANA zone", "Europe/Berlin", "Europe/Berlin"), ("UTC", "UTC", "UTC"), ("none", None, None)],
    "start_at": [
        ("UTC", "2026-03-01T22:00:00Z", "2026-03-01T22:00:00Z"),
        ("an offset", "2026-03-01T23:00+01:00", "2026-03-01T22:00:00Z"),
        ("now", "now", "now"),
        ("relative", "+90m", "+1h30m"),
        ("relative with spaces", "+ 1h 30m", "+1h30m"),
    ],
    "repeat": [("False", False, False)],
    "end_at": [("an offset", "2026-03-02 00:30:00.25+01:00", "2026-03-01T23:30:00Z")],
    "affected_component_ids": [
        ("none", [], []),
        ("one", ["a"], ["a"]),
        ("sorted", ["b", "a"], ["a", "b"]),
        ("each once", ["b", "a", "b"], ["a", "b"]),
        ("a tuple", ("b", "a"), ["a", "b"]),
        ("a set", {"b", "a"}, ["a", "b"]),
    ],
    "maintenance_status": [
        ("none", None, None),
        *((status, status, status) for status in ("maintenance_scheduled", "maintenance_in_progress")),
        ("maintenance_complete", "maintenance_complete", "maintenance_complete"),
    ],
    "automate_maintenance_status": [("True", True, True), ("False", False, False)],
    "component_statuses": [
        ("none", None, None),
        (
            "a mapping, sorted",
            {"b": "operational", "a": "under_maintenance"},
            [
                {"component_id": "a", "component_status": "under_maintenance"},
                {"component_id": "b", "component_status": "operational"},
            ],
        ),
        (
            "the canonical list",
            [{"component_id": "a", "component_status": "operational"}],
            [{"component_id": "a", "component_status": "operational"}],
        ),
        (
            "a list with the same twice",
            [{"component_id": "a", "component_status": "operational"}] * 2,
            [{"component_id": "a", "component_status": "operational"}],
        ),
    ],
    "notify_subscribers": [
        ("True", True, True),
        ("False", False, False),
        ("a list, in the order of events", ["complete", "scheduled"], ["scheduled", "complete"]),
        ("a set", {"cancelled"}, ["cancelled"]),
        ("each once", ["update", "update"], ["update"]),
        ("all by name", list(EVENTS), list(EVENTS)),
        ("an empty list is nobody", [], False),
    ],
    "triggers": [
        ("none", None, None),
        ("empty", [], []),
        ("numbers as the engine sends them", [1.0, 2.5], [1.0, 2.5]),
        ("anything JSON has", ["v1", True, None, {"a": [1.0]}], ["v1", True, None, {"a": [1.0]}]),
        ("in the order given", ["b", "a"], ["b", "a"]),
    ],
    "on_delete": [(word, word, word) for word in ("auto", "complete", "delete", "retain")],
}
ACCEPTED_BY_INCIDENT = {
    **SHARED,
    "closing_note": SHARED["delete_message"],
    "service": [("incident.io", "incident.io", "incident.io")],
    "incident_status": [(word, word, word) for word in ("investigating", "identified", "monitoring", "resolved")],
    "component_statuses": [
        ("none", None, None),
        *(
            (status, {"a": status}, [{"component_id": "a", "component_status": status}])
            for status in ("operational", "degraded_performance", "partial_outage", "full_outage")
        ),
    ],
    "notify_subscribers": [("True", True, True), ("False", False, False)],
    "component_id": [*TEXT, ("none", None, None)],
    "on_delete": [(word, word, word) for word in ("auto", "resolve", "delete", "retain")],
}


def cases(of_window, of_incident):
    """Each field of both tables, as (model, what declares it, field, its rows)."""
    tables = {"window": (MaintenanceInputs, window, of_window), "incident": (IncidentInputs, incident, of_incident)}
    return [
        pytest.param(model, declare, field, rows, id=f"{name}: {field}")
        for name, (model, declare, table) in tables.items()
        for field, rows in table.items()
    ]


@pytest.mark.parametrize(("model", "declare", "field", "rows"), cases(ACCEPTED_BY_WINDOW, ACCEPTED_BY_INCIDENT))
def test_an_input_takes(model, declare, field, rows):
    for row, value, canonical in rows:
        declared = getattr(model.model_validate(declare(**{field: value})), field)
        assert (declared, type(declared)) == (canonical, type(canonical)), row


@pytest.mark.parametrize(
    ("model", "table", "own_tests"),
    [(MaintenanceInputs, ACCEPTED_BY_WINDOW, {"duration"}), (IncidentInputs, ACCEPTED_BY_INCIDENT, set())],
    ids=["window", "incident"],
)
def test_every_input_is_in_the_table(model, table, own_tests):
    assert set(model.model_fields) == set(table) | own_tests


@pytest.mark.parametrize(
    ("model", "props"), [(MaintenanceInputs, WINDOW), (IncidentInputs, INCIDENT)], ids=["window", "incident"]
)
def test_canonical_inputs_are_a_fixed_point(model, props):
    once = model.model_validate(props).to_props()
    assert model.model_validate(once).to_props() == once
    assert json.loads(json.dumps(once)) == once


@pytest.mark.parametrize(
    ("duration", "canonical"), [("1h30m", "1h30m"), ("90m", "1h30m"), ("5400s", "1h30m"), ("2d", "48h")]
)
def test_a_window_takes_a_duration_in_place_of_its_end(duration, canonical):
    declared = MaintenanceInputs.model_validate(window(end_at=MISSING, duration=duration))
    assert declared.duration == canonical
    assert "end_at" not in declared.to_props()


def test_a_windows_defaults_are_the_quiet_ones():
    declared = MaintenanceInputs.model_validate(WINDOW)
    assert declared.maintenance_status is None
    assert declared.automate_maintenance_status is True
    assert declared.notify_subscribers is False
    assert declared.on_delete == "auto"
    assert not any(declared.notifies(event) for event in EVENTS)


def test_an_incidents_defaults_are_the_quiet_ones():
    declared = IncidentInputs.model_validate(INCIDENT)
    assert declared.incident_status == "investigating"
    assert declared.notify_subscribers is False
    assert declared.on_delete == "auto"
    assert declared.service == "incident.io"


@pytest.mark.parametrize("event", EVENTS)
def test_notices_are_chosen_event_by_event(event):
    assert MaintenanceInputs.model_validate(window(notify_subscribers=True)).notifies(event)
    chosen = MaintenanceInputs.model_validate(window(notify_subscribers=[event]))
    assert [other for other in EVENTS if chosen.notifies(other)] == [event]


def test_naive_times_are_read_in_the_declared_zone():
    declared = MaintenanceInputs.model_validate(
        window(start_at="2026-03-01T22:00", end_at="2026-03-01T23:30", time_zone="Europe/Berlin")
    )
    assert (declared.start_at, declared.end_at) == ("2026-03-01T21:00:00Z", "2026-03-01T22:30:00Z")


# Every input: what is refused, and why.

NO_TEXT = [
    ("empty", "", "must not be empty"),
    ("blank", " \n ", "must not be empty"),
    ("a number", 5.0, "must be text, not 5.0"),
    ("a flag", True, "must be text, not True"),
    ("a list", ["x"], "must be text, not ['x']"),
]
REFUSED_BY_BOTH = {
    "status_page_id": NO_TEXT,
    "name": [*NO_TEXT, ("201 characters", "x" * 201, "is 201 characters long, and the service takes at most 200")],
    "message": [
        *NO_TEXT,
        ("4097 characters", "x" * 4097, "is 4097 characters long, and the service takes at most 4096"),
    ],
    "delete_message": [*NO_TEXT, ("4097 characters", "x" * 4097, "takes at most 4096: shorten it")],
    "adopt_id": NO_TEXT,
    "idempotency_key": NO_TEXT,
}
STATUSES = "maintenance_scheduled, maintenance_in_progress, maintenance_complete"
NO_STATUSES = [
    ("empty", {}, "must map at least one component id to its status, or be left out"),
    ("an empty list", [], "must map at least one component id"),
    ("a text", "a", "must map at least one component id"),
    ("a list of ids", ["a"], "each entry needs component_id and component_status"),
    ("an entry without status", [{"component_id": "a"}], "each entry needs component_id and component_status"),
    ("an unknown status", {"a": "down"}, 'a: "down" is not one of operational, '),
    ("no status", {"a": None}, "a: None is not one of operational, "),
    ("an empty id", {"": "operational"}, '"" is not a component id'),
    ("a number for an id", [{"component_id": 5.0, "component_status": "operational"}], "5.0 is not a component id"),
]
REFUSED_BY_WINDOW = {
    **REFUSED_BY_BOTH,
    "service": NO_TEXT,
    "time_zone": [
        ("unknown", "Mars/Olympus", '"Mars/Olympus" is not a time zone: use an IANA name, such as "Europe/Berlin"'),
        ("empty", "", "is not a time zone"),
        ("an offset", "+01:00", "is not a time zone"),
        ("a number", 1.0, "is not a time zone"),
    ],
    "start_at": [
        ("a word", "soon", '"soon" is not a time: write it like "2026-03-01T22:00:00Z"'),
        ("naive without a zone", "2026-03-01T22:00:00", "has no UTC offset"),
        ("no such day", "2026-02-30T22:00:00Z", "is not a time"),
        ("out of the calendar", "0001-01-01T00:00:00+01:00", "is not a time"),
        ("relative without a length", "+soon", "is not a duration"),
        ("relative and beyond all measure", "+999999999999d", "1h30m"),
        (
            "a number",
            1772402400.0,
            'must be a datetime, text like "2026-03-01T22:00:00Z", "now", "+15m" or a slot, not 1772402400.0',
        ),
        ("a slot without a time", "next Tue", '"Tue" is not a time of day: write it like "22:00"'),
        ("a text with a line break", "so\non", '"so on" is not a time'),
    ],
    "end_at": [
        ("a word", "later", '"later" is not a time'),
        ("relative", "+1h", '"+1h" is not a time'),
        ("a number", 5.0, 'must be a datetime, text like "2026-03-01T22:00:00Z", not 5.0'),
        ("the start", "2026-03-01T22:00:00Z", "is not after start_at 2026-03-01T22:00:00Z: move one of them"),
        ("the start elsewhere", "2026-03-01T23:00:00+01:00", "2026-03-01T22:00:00Z is not after start_at"),
        ("before the start", "2026-03-01T21:59:59Z", "is not after start_at"),
        ("missing", MISSING, "is missing: set end_at or duration"),
        ("none", None, "is missing: set end_at or duration"),
    ],
    "repeat": [
        ("a text", "yes", 'must be True or False, not "yes"'),
        ("a number", 1.0, "must be True or False, not 1.0"),
        ("without a slot", True, 'is for a start that has a next one: give start_at=statuspage.next_slot("22:00")'),
    ],
    "affected_component_ids": [
        ("a text", "api", "must be a list of component ids"),
        ("a mapping", {"a": "operational"}, "must be a list of component ids"),
        ("numbers", [1.0], "must be a list of component ids"),
        ("none", None, "must be a list of component ids"),
        ("an empty id", ["a", ""], "must be a list of component ids"),
    ],
    "maintenance_status": [
        ("unknown", "done", f'"done" is not one of {STATUSES}'),
        ("of an incident", "resolved", "is not one of"),
        ("capitals", "Maintenance_Scheduled", "is not one of"),
        ("a number", 1.0, "1.0 is not one of"),
    ],
    "automate_maintenance_status": [
        ("text", "true", 'must be True or False, not "true"'),
        ("a number", 1.0, "must be True or False, not 1.0"),
        ("none", None, "must be True or False, not None"),
    ],
    "component_statuses": [
        *NO_STATUSES,
        ("of an incident", {"a": "full_outage"}, "is not one of"),
        (
            "two for one component",
            both("operational", "under_maintenance"),
            "a is named twice, with different statuses",
        ),
    ],
    "notify_subscribers": [
        ("an unknown event", ["started"], '"started" is not one of scheduled, rescheduled, in_progress, update'),
        ("a text", "scheduled", "must be True, False or a set of scheduled, "),
        ("a number", 1.0, "must be True, False or a set of"),
        ("none", None, "must be True, False or a set of"),
    ],
    "triggers": [
        ("a text", "v1", 'must be a list of values, not "v1"'),
        ("a mapping", {"a": 1.0}, "must be a list of values"),
        ("a number", 1.0, "must be a list of values, not 1.0"),
    ],
    "on_delete": [
        ("unknown", "keep", '"keep" is not one of auto, complete, delete, retain'),
        ("of an incident", "resolve", "is not one of"),
        ("none", None, "None is not one of"),
    ],
}
REFUSED_BY_INCIDENT = {
    **REFUSED_BY_BOTH,
    "closing_note": REFUSED_BY_BOTH["delete_message"],
    "service": [("a number", 5.0, "must be text, not 5.0"), ("empty", "", "must not be empty")],
    "incident_status": [
        ("unknown", "open", '"open" is not one of investigating, identified, monitoring, resolved'),
        ("of a window", "maintenance_complete", "is not one of"),
        ("none", None, "is not one of"),
    ],
    "component_statuses": [
        *NO_STATUSES,
        ("of a window", {"a": "under_maintenance"}, "is not one of"),
        ("two for one component", both("operational", "full_outage"), "a is named twice, with different statuses"),
    ],
    "notify_subscribers": [
        ("events, which only a window has", ["update"], "must be True or False, not ['update']"),
        ("text", "yes", 'must be True or False, not "yes"'),
    ],
    "component_id": NO_TEXT,
    "on_delete": [
        ("unknown", "keep", '"keep" is not one of auto, resolve, delete, retain'),
        ("of a window", "complete", "is not one of"),
    ],
}


@pytest.mark.parametrize(("model", "declare", "field", "rows"), cases(REFUSED_BY_WINDOW, REFUSED_BY_INCIDENT))
def test_an_input_refuses(model, declare, field, rows):
    for row, value, why in rows:
        ((where, reason),) = faults(model, declare(**{field: value}))
        assert where == field, row
        assert why in reason, row
        assert "\n" not in reason, row


@pytest.mark.parametrize(
    ("model", "table", "own_tests"),
    [(MaintenanceInputs, REFUSED_BY_WINDOW, {"duration"}), (IncidentInputs, REFUSED_BY_INCIDENT, set())],
    ids=["window", "incident"],
)
def test_every_input_has_something_that_is_refused(model, table, own_tests):
    assert set(model.model_fields) == set(table) | own_tests


@pytest.mark.parametrize(
    ("duration", "why"),
    [
        ("1.5h", '"1.5h" is not a duration: write it like "1h30m"'),
        ("0m", "is not a duration"),
        ("-1h", "is not a duration"),
        ("", "is not a duration"),
        ("999999999999d", "1h30m"),
        (90.0, 'must be a timedelta or text like "1h30m", not 90.0'),
        ("1h\nago", '"1h ago" is not a duration'),
    ],
)
def test_a_window_refuses_the_duration(duration, why):
    ((where, reason),) = faults(MaintenanceInputs, window(end_at=MISSING, duration=duration))
    assert where == "duration"
    assert why in reason
    assert "\n" not in reason


def test_an_end_and_a_duration_are_one_too_many():
    assert faults(MaintenanceInputs, window(duration="1h")) == [("end_at", "is set, and duration too: keep one")]


@pytest.mark.parametrize(
    ("model", "props", "required"),
    [
        (
            MaintenanceInputs,
            WINDOW,
            ["status_page_id", "name", "message", "start_at", "idempotency_key"],
        ),
        (IncidentInputs, INCIDENT, ["name", "message", "idempotency_key"]),
    ],
    ids=["window", "incident"],
)
def test_a_missing_input_is_named(model, props, required):
    for field in required:
        rest = {key: value for key, value in props.items() if key != field}
        assert faults(model, rest) == [(field, "is missing: set it")]


def test_all_faults_of_a_window_come_at_once():
    bad = {field: rows[0][1] for field, rows in REFUSED_BY_WINDOW.items() if field not in ("start_at", "end_at")}
    found = faults(MaintenanceInputs, {**bad, "start_at": 5.0, "end_at": "later", "duration": "0m"})
    # Without its zone nothing more can be said of the end.
    assert {where for where, _ in found} == set(MaintenanceInputs.model_fields) - {"end_at"}
    assert all("\n" not in reason for _, reason in found)


def test_all_faults_of_an_incident_come_at_once():
    found = faults(IncidentInputs, {field: rows[0][1] for field, rows in REFUSED_BY_INCIDENT.items()})
    assert {where for where, _ in found} == set(IncidentInputs.model_fields)


def test_nothing_at_all_names_every_required_input():
    where = [field for field, _ in faults(MaintenanceInputs, {})]
    assert where == [
        "status_page_id",
        "name",
        "message",
        "start_at",
        "end_at",
        "idempotency_key",
    ]


def test_a_zone_that_is_refused_is_the_only_fault_of_its_naive_times():
    props = window(start_at="2026-03-01T22:00", end_at="2026-03-01T23:00", time_zone="Mars/Olympus")
    assert [where for where, _ in faults(MaintenanceInputs, props)] == ["time_zone"]


def test_a_start_that_is_refused_is_not_held_against_the_end():
    assert [where for where, _ in faults(MaintenanceInputs, window(start_at="soon"))] == ["start_at"]


def test_a_duration_that_is_refused_is_not_held_against_the_missing_end():
    assert [where for where, _ in faults(MaintenanceInputs, window(end_at=MISSING, duration="x"))] == ["duration"]


@pytest.mark.parametrize(
    ("time", "what"),
    [("2026-03-29T02:30", "does not exist"), ("2026-10-25T02:30", "occurs twice")],
    ids=["gap", "overlap"],
)
def test_a_time_that_the_change_of_clocks_makes_doubtful_is_refused(time, what):
    props = window(start_at=time, end_at="2026-12-01T00:00:00Z", time_zone="Europe/Berlin")
    ((where, reason),) = faults(MaintenanceInputs, props)
    assert where == "start_at"
    assert what in reason


# What is not known yet.


def test_unknown_is_found_at_any_depth():
    assert has_unknown(Unknown())
    assert has_unknown({"a": [({"b": Unknown()},)]})
    assert has_unknown({"a", Unknown()})
    assert not has_unknown({"a": [1, "x", None, {"b": ()}]})


def nested(value):
    return [value, ["a", value], {"a": value}, [{"component_id": value, "component_status": "operational"}]]


FIELDS = [
    *((MaintenanceInputs, window, field) for field in MaintenanceInputs.model_fields if field != "duration"),
    *((IncidentInputs, incident, field) for field in IncidentInputs.model_fields),
]


@pytest.mark.parametrize(("model", "declare", "field"), FIELDS)
def test_an_unknown_input_passes_and_is_kept(model, declare, field):
    for value in [Unknown(), *nested(Unknown())]:
        declared = model.model_validate(declare(**{field: value}))
        assert getattr(declared, field) is value
        assert has_unknown(declared.to_props()[field])


@pytest.mark.parametrize("field", list(RetrospectiveInputs.model_fields))
def test_an_unknown_input_of_a_past_incident_passes_and_is_kept(field):
    update = {"incident_status": "resolved", "message": "Fixed.", "published_at": "2025-11-03 10:00"}
    known = {"status_page_id": "p", "name": "n", "time_zone": "UTC", "updates": [update], "idempotency_key": "k"}
    for value in [Unknown(), *nested(Unknown()), [{**update, "message": Unknown()}]]:
        declared = RetrospectiveInputs.model_validate({**known, field: value})
        assert getattr(declared, field) is value
        assert has_unknown(declared.to_props()[field])


def test_an_unknown_duration_stands_for_the_end():
    value = Unknown()
    assert MaintenanceInputs.model_validate(window(end_at=MISSING, duration=value)).duration is value


@pytest.mark.parametrize("unknown", [field for field in MaintenanceInputs.model_fields if field != "duration"])
def test_an_unknown_input_of_a_window_hides_no_fault_of_another(unknown):
    bad = {
        "status_page_id": "",
        "name": "x" * 201,
        "message": "",
        "time_zone": "Mars/Olympus",
        "service": "",
        "affected_component_ids": [""],
        "maintenance_status": "done",
        "automate_maintenance_status": "yes",
        "component_statuses": {"a": "down"},
        "notify_subscribers": ["started"],
        "triggers": "v1",
        "on_delete": "keep",
        "delete_message": "",
        "adopt_id": "",
        "idempotency_key": "",
    }
    found = faults(MaintenanceInputs, window(**{**bad, unknown: Unknown()}))
    assert {where for where, _ in found} == set(bad) - {unknown}


@pytest.mark.parametrize("unknown", list(IncidentInputs.model_fields))
def test_an_unknown_input_of_an_incident_hides_no_fault_of_another(unknown):
    bad = {field: rows[0][1] for field, rows in REFUSED_BY_INCIDENT.items()}
    found = faults(IncidentInputs, {**bad, unknown: Unknown()})
    assert {where for where, _ in found} == set(bad) - {unknown}


def test_an_unknown_zone_leaves_times_as_they_are_written():
    declared = MaintenanceInputs.model_validate(
        window(start_at="2026-03-01T22:00", end_at="2026-03-01T21:00", time_zone=Unknown())
    )
    assert (declared.start_at, declared.end_at) == ("2026-03-01T22:00", "2026-03-01T21:00")


@pytest.mark.parametrize("known", ["start_at", "end_at"])
def test_one_unknown_time_does_not_hide_that_the_other_is_none(known):
    other = {"start_at": "end_at", "end_at": "start_at"}[known]
    found = faults(MaintenanceInputs, window(**{known: "soon", other: Unknown()}))
    assert [where for where, _ in found] == [known]


# As the engine sends them, and as programs write them.


def test_keys_of_the_engine_are_dropped():
    declared = MaintenanceInputs.model_validate(window(__provider="gASV", phase="scheduled", color="red"))
    assert set(declared.to_props()) <= set(MaintenanceInputs.model_fields)


def test_what_is_not_set_is_not_in_the_bag():
    props = MaintenanceInputs.model_validate(WINDOW).to_props()
    assert None not in props.values()
    assert "maintenance_status" not in props
    assert "duration" not in props


def test_a_property_bag_is_fresh_each_time():
    declared = MaintenanceInputs.model_validate(
        window(triggers=[{"a": [1.0]}], component_statuses={"a": "operational"})
    )
    first = declared.to_props()
    kept = copy.deepcopy(first)
    first["triggers"][0]["a"].append(2.0)
    first["component_statuses"][0]["component_id"] = "changed"
    first["affected_component_ids"].append("changed")
    first["__provider"] = "gASV"
    assert declared.to_props() == kept


def test_the_bag_that_was_given_is_left_alone():
    props = window(affected_component_ids=["b", "a"], triggers=[["x"]])
    before = copy.deepcopy(props)
    MaintenanceInputs.model_validate(props)
    assert props == before


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime(2026, 3, 1, 22, tzinfo=UTC), "2026-03-01T22:00:00+00:00"),
        (datetime(2026, 3, 1, 23, 0, 0, 5, timezone(timedelta(hours=1))), "2026-03-01T23:00:00.000005+01:00"),
        (timedelta(minutes=90), "1h30m"),
        (timedelta(days=1), "24h"),
        ("now", "now"),
        (None, None),
        (5, 5),
    ],
)
def test_times_and_lengths_of_a_program_become_text(value, text):
    assert time_as_text(value) == text


def test_a_day_without_a_time_is_refused_by_name():
    ((where, reason),) = faults(MaintenanceInputs, window(start_at=time_as_text(date(2026, 3, 1))))
    assert where == "start_at"
    assert '"2026-03-01" is not a time' in reason


@pytest.mark.parametrize("length", [timedelta(), timedelta(hours=-1), timedelta(milliseconds=1)])
def test_a_length_of_a_program_that_is_none_is_refused(length):
    ((where, _),) = faults(MaintenanceInputs, window(end_at=MISSING, duration=time_as_text(length)))
    assert where == "duration"


def test_an_output_among_the_inputs_is_left_as_it_is():
    class Output:
        """Answers whatever it is asked for, as pulumi's own does; asking for more than is meant is a mistake."""

        def __getattr__(self, name):
            raise AssertionError(f"asked for {name}")

    output = Output()
    given = {**dict.fromkeys(MaintenanceInputs.model_fields), "message": output, "affected_component_ids": [output]}
    assert as_inputs(given) == given
