"""The bodies of incident.io: what is sent, judged by the vendor's own SDK, and how answers are read."""

import copy
import importlib
import inspect
import json
import pkgutil
import re
from datetime import datetime, timedelta, timezone

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage_provider import times
from statuspage_provider.errors import LostAnswer, Refused, Unreachable
from statuspage_provider.inputs import IncidentInputs, MaintenanceInputs, RetrospectiveInputs
from statuspage_provider.lifecycle.decision import Announcement, Edit, NewUpdate
from statuspage_provider.remote import Incident, Maintenance, Page, Update
from statuspage_provider.services import transport
from statuspage_provider.services.capabilities import CAPABILITIES
from statuspage_provider.services.incident_io import bodies
from statuspage_provider.services.incident_io.calls import PAGES_LIMIT
from statuspage_provider.services.incident_io.client import IncidentIo
from statuspage_provider.services.settings import Settings
from statuspage_provider.state import seen

UTC = timezone.utc
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
MAINTENANCE_STATUSES = ["maintenance_scheduled", "maintenance_in_progress", "maintenance_complete"]
INCIDENT_STATUSES = ["investigating", "identified", "monitoring", "resolved"]

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).filter(str.strip)
windows = st.tuples(st.integers(0, 10**9), st.integers(1, 10**7)).map(
    lambda pair: (EPOCH + timedelta(seconds=pair[0]), EPOCH + timedelta(seconds=sum(pair)))
)


def component_statuses(*statuses):
    return st.none() | st.dictionaries(texts, st.sampled_from(statuses), min_size=1, max_size=4)


def listed(statuses):
    """As the models hold them."""
    if statuses is None:
        return None
    return [{"component_id": key, "component_status": status} for key, status in sorted(statuses.items())]


@st.composite
def declared_windows(draw):
    return MaintenanceInputs.model_validate(
        {
            "status_page_id": draw(texts),
            "name": draw(texts),
            "message": draw(texts),
            "start_at": "now",
            "duration": "1h",
            "affected_component_ids": draw(st.lists(texts, min_size=1, max_size=4)),
            "automate_maintenance_status": draw(st.booleans()),
            "component_statuses": draw(component_statuses("operational", "under_maintenance")),
            "idempotency_key": "key",
        }
    )


@st.composite
def declared_incidents(draw):
    return IncidentInputs.model_validate(
        {
            "status_page_id": draw(texts),
            "name": draw(texts),
            "message": draw(texts),
            "incident_status": draw(st.sampled_from(INCIDENT_STATUSES)),
            "component_statuses": draw(
                component_statuses("operational", "degraded_performance", "partial_outage", "full_outage")
            ),
            "notify_subscribers": draw(st.booleans()),
            "idempotency_key": "key",
        }
    )


@st.composite
def declared_past(draw):
    statuses = component_statuses("operational", "degraded_performance", "partial_outage", "full_outage")
    moments = sorted(draw(st.lists(st.integers(0, 10**8), min_size=1, max_size=5)))
    updates = [
        {
            "incident_status": "resolved" if last else draw(st.sampled_from(INCIDENT_STATUSES[:3])),
            "message": draw(texts),
            "published_at": times.format_instant(EPOCH + timedelta(seconds=moment)),
            "component_statuses": None if last else draw(statuses),
        }
        for moment, last in zip(moments, [False] * (len(moments) - 1) + [True], strict=True)
    ]
    inputs = {"status_page_id": draw(texts), "name": draw(texts), "updates": updates, "idempotency_key": "key"}
    return RetrospectiveInputs.model_validate(inputs)


def announcements():
    return st.builds(
        Announcement,
        declared_windows(),
        windows,
        anchor=st.none(),
        event=st.just("scheduled"),
        maintenance_status=st.sampled_from(MAINTENANCE_STATUSES),
        notify_subscribers=st.booleans(),
        then=st.none(),
        says=st.just(()),
    )


def updates(statuses, told):
    """Updates of a timeline, as a decision holds them."""
    return st.builds(
        NewUpdate,
        st.just("update"),
        texts,
        st.none() | st.sampled_from(statuses),
        told.map(listed),
        st.booleans(),
    )


# One strategy for each function that builds a body, and the SDK's class for it.
BODIES = {
    "create_maintenance": (
        "StatusPagesCreateStatusPageMaintenancePayloadV2",
        st.builds(bodies.create_maintenance, announcements(), idempotency_key=texts),
    ),
    "edit_maintenance": (
        "StatusPagesUpdateStatusPageMaintenancePayloadV2",
        st.builds(bodies.edit_maintenance, st.builds(Edit, texts, windows)),
    ),
    "create_maintenance_update": (
        "StatusPagesCreateStatusPageMaintenanceUpdatePayloadV2",
        st.builds(
            bodies.create_maintenance_update,
            texts,
            updates(MAINTENANCE_STATUSES, component_statuses("operational", "under_maintenance")),
        ),
    ),
    "create_incident": (
        "StatusPagesCreateStatusPageIncidentPayloadV2",
        st.builds(bodies.create_incident, declared_incidents(), idempotency_key=texts),
    ),
    "create_retrospective_incident": (
        "StatusPagesCreateStatusPageRetrospectiveIncidentPayloadV2",
        st.builds(bodies.create_retrospective_incident, declared_past(), idempotency_key=texts),
    ),
    "edit_incident": (
        "StatusPagesUpdateStatusPageIncidentPayloadV2",
        st.builds(bodies.edit_incident, st.builds(Edit, texts)),
    ),
    "create_incident_update": (
        "StatusPagesCreateStatusPageIncidentUpdatePayloadV2",
        st.builds(
            bodies.create_incident_update,
            texts,
            updates(INCIDENT_STATUSES, component_statuses("operational", "full_outage")),
        ),
    ),
}


def builders():
    """The public functions of bodies.py that build a body: those that answer with a dict."""
    return {
        name
        for name, function in inspect.getmembers(bodies, inspect.isfunction)
        if function.__module__ == bodies.__name__
        and not name.startswith("_")
        and str(function.__annotations__.get("return", "")).startswith("dict")
    }


def test_every_body_that_is_sent_is_judged_here():
    assert set(BODIES) == builders()


def sdk(name):
    models = pytest.importorskip("incident_io.models", reason="the vendor's SDK needs Python 3.11")
    return getattr(models, name)


def with_instants(value):
    """The same body with its times as instants, since two spellings of one are the same."""
    if isinstance(value, dict):
        return {
            key: times.parse_instant(item) if key.endswith("_at") else with_instants(item)
            for key, item in value.items()
        }
    return [with_instants(item) for item in value] if isinstance(value, list) else value


def required(model):
    nothing = pytest.importorskip("attrs").NOTHING
    return {field.name for field in model.__attrs_attrs__ if field.default is nothing}


def unknown_fields(parsed):
    """Fields that the SDK does not know, at any depth."""
    found = list(getattr(parsed, "additional_properties", {}))
    for field in getattr(parsed, "__attrs_attrs__", ()):
        value = getattr(parsed, field.name)
        for item in value if isinstance(value, list) else [value]:
            if hasattr(item, "__attrs_attrs__"):
                found += unknown_fields(item)
    return found


@pytest.mark.parametrize("name", BODIES)
def test_a_body_is_what_the_vendors_sdk_would_send(name):
    model, bodies = sdk(BODIES[name][0]), BODIES[name][1]

    @given(bodies)
    def check(body):
        through_http = json.loads(json.dumps(body))
        parsed = model.from_dict(copy.deepcopy(through_http))
        assert unknown_fields(parsed) == []
        assert with_instants(parsed.to_dict()) == with_instants(through_http)
        assert required(model) <= set(body)
        assert None not in body.values()

    check()


@pytest.mark.parametrize("name", BODIES)
def test_the_sdk_says_what_it_requires(name):
    # Guards the test above: an empty set would be satisfied by anything.
    assert required(sdk(BODIES[name][0]))


@given(BODIES["create_incident"][1])
def test_an_incident_that_is_opened_resolved_says_nothing_of_components(body):
    assert "component_statuses" not in body or body["incident_status"] != "resolved"


@given(windows)
def test_times_are_sent_in_utc_to_the_second(window):
    elsewhere = tuple(moment.astimezone(timezone(timedelta(hours=5, minutes=45))) for moment in window)
    body = bodies.edit_maintenance(Edit("n", elsewhere))
    assert body == bodies.edit_maintenance(Edit("n", window))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", body["start_at"])


def test_an_update_without_a_status_sends_none_so_that_automation_stays_on():
    body = bodies.create_maintenance_update("w", NewUpdate("update", "m"))
    assert body == {"status_page_maintenance_id": "w", "message": "m", "notify_subscribers": False}


# Answers, in the shape of the vendor's examples.

MAINTENANCE = {
    "status_page_maintenance": {
        "automate_maintenance_status": True,
        "component_maintenance_periods": [
            {
                "component_id": "01GW7P4ES31Q6V1ZQH321T0GJN",
                "end_at": "2021-08-17T14:28:57.801578Z",
                "start_at": "2021-08-17T13:28:57.801578Z",
            }
        ],
        "id": "01FCNDV6P870EA6S7TK1DSYDG0",
        "maintenance_status": "maintenance_scheduled",
        "name": "Routine infrastructure upgrade",
        "published_at": "2021-08-17T13:28:57.801578Z",
        "status_page_id": "01FCNDV6P870EA6S7TK1DSYDG9",
        "updates": [
            {
                "component_statuses": [
                    {"component_id": "01FCNDV6P870EA6S7TK1DSYDG2", "component_status": "operational"}
                ],
                "id": "01FCNDV6P870EA6S7TK1DSYDG1",
                "maintenance_status": "maintenance_scheduled",
                "message": "Planned maintenance.",
                "published_at": "2021-08-17T13:28:57.801578Z",
                "status_page_maintenance_id": "01FCNDV6P870EA6S7TK1DSYDG0",
            }
        ],
    }
}
INCIDENT = {
    "status_page_incident": {
        "component_impacts": [
            {
                "component_id": "01FCNDV6P870EA6S7TK1DSYDG2",
                "component_status": "degraded_performance",
                "end_at": "2021-08-17T13:28:57.801578Z",
                "start_at": "2021-08-17T13:28:57.801578Z",
            }
        ],
        "id": "01FCNDV6P870EA6S7TK1DSYDG0",
        "incident_status": "investigating",
        "name": "Increased latency",
        "published_at": "2021-08-17T13:28:57.801578Z",
        "status_page_id": "01FCNDV6P870EA6S7TK1DSYDG9",
        "updates": [
            {
                "component_statuses": [],
                "id": "01FCNDV6P870EA6S7TK1DSYDG1",
                "incident_status": "investigating",
                "message": "We are looking.",
                "published_at": "2021-08-17T13:28:57.801578Z",
                "status_page_incident_id": "01FCNDV6P870EA6S7TK1DSYDG0",
            }
        ],
    }
}
MAINTENANCE_UPDATE = {"status_page_maintenance_update": MAINTENANCE["status_page_maintenance"]["updates"][0]}
INCIDENT_UPDATE = {"status_page_incident_update": INCIDENT["status_page_incident"]["updates"][0]}
PAGE = {"status_page": {"description": "d", "id": "01P", "name": "Acme", "public_url": "https://status.acme.example"}}
PAGES = {"pagination_meta": {"after": "01P", "page_size": 25}, "status_pages": [PAGE["status_page"]]}
STRUCTURE = {
    "current_structure": {
        "items": [
            {"component": {"component_id": "1", "display_uptime": True, "hidden": False, "name": "API"}},
            {
                "group": {
                    "components": [{"component_id": "2", "display_uptime": True, "hidden": False, "name": "Database"}],
                    "description": "d",
                    "display_aggregated_uptime": True,
                    "hidden": False,
                    "id": "g",
                    "name": "EU",
                }
            },
            {
                "sub_page": {
                    "id": "s",
                    "name": "Shop",
                    "items": [
                        {"component": {"component_id": "3", "display_uptime": True, "hidden": False, "name": "Cart"}},
                        {
                            "group": {
                                "components": [
                                    {"component_id": "4", "display_uptime": True, "hidden": False, "name": "Queue"}
                                ],
                                "display_aggregated_uptime": True,
                                "hidden": False,
                                "id": "h",
                                "name": "US",
                            }
                        },
                    ],
                }
            },
        ]
    }
}

ANSWERS = [
    pytest.param(Maintenance, MAINTENANCE, "StatusPagesCreateStatusPageMaintenanceResultV2", id="maintenance"),
    pytest.param(Update, MAINTENANCE_UPDATE, "StatusPagesCreateStatusPageMaintenanceUpdateResultV2", id="its update"),
    pytest.param(Incident, INCIDENT, "StatusPagesCreateStatusPageIncidentResultV2", id="incident"),
    pytest.param(Update, INCIDENT_UPDATE, "StatusPagesCreateStatusPageIncidentUpdateResultV2", id="its post"),
    pytest.param(Page, PAGE, "StatusPagesShowStatusPageResultV2", id="page"),
]


@pytest.mark.parametrize(("model", "answer", "result"), ANSWERS)
def test_the_samples_are_answers_of_the_service(model, answer, result):
    parsed = sdk(result).from_dict(copy.deepcopy(answer))
    assert unknown_fields(parsed) == []
    assert with_instants_of(parsed.to_dict()) == with_instants_of(answer)


def with_instants_of(value):
    """As above, with fractions of seconds, which answers have."""
    if isinstance(value, dict):
        return {
            key: datetime.fromisoformat(item.replace("Z", "+00:00")) if key.endswith("_at") else with_instants_of(item)
            for key, item in value.items()
        }
    return [with_instants_of(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(("model", "answer", "result"), ANSWERS)
def test_an_answer_is_read(model, answer, result):
    ((key, sent),) = answer.items()
    found = bodies.read(model, answer, key)
    assert isinstance(found, model)
    assert found.id == sent["id"]
    for field in ("name", "message", "status_page_id", "public_url", "maintenance_status", "incident_status"):
        if field in sent:
            assert getattr(found, field) == sent[field]


@pytest.mark.parametrize(("model", "answer", "result"), ANSWERS)
def test_fields_that_the_service_adds_are_ignored(model, answer, result):
    ((key, sent),) = answer.items()
    more = {key: {**sent, "new_field": {"nested": [1]}}, "new_sibling": None}
    assert bodies.read(model, more, key) == bodies.read(model, answer, key)


def required_fields(model):
    return [name for name, field in model.model_fields.items() if field.is_required()]


@pytest.mark.parametrize(("model", "answer", "result"), ANSWERS)
def test_a_missing_field_is_named_on_one_line(model, answer, result):
    ((key, sent),) = answer.items()
    for field in required_fields(model):
        rest = {name: value for name, value in sent.items() if name != field}
        with pytest.raises(Unreachable) as caught:
            bodies.read(model, {key: rest}, key)
        where = f"{key}.{field} is missing or malformed"
        assert str(caught.value) == f"incident.io gave an unexpected answer: {where}"


@pytest.mark.parametrize(
    "body",
    [None, {}, [], "text", 5, {"status_page_maintenance": None}, {"status_page_maintenance": []}],
    ids=["no body", "empty", "a list", "a text", "a number", "null within", "a list within"],
)
def test_an_answer_of_another_shape_names_what_was_looked_for(body):
    with pytest.raises(Unreachable, match=r"unexpected answer: status_page_maintenance is missing or malformed$"):
        bodies.read(Maintenance, body, "status_page_maintenance")


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"maintenance_status": 7}, "maintenance_status"),
        ({"published_at": "soon"}, "published_at"),
        ({"updates": None}, "updates"),
        ({"updates": [{"id": "1"}]}, r"updates\.0\.message"),
        ({"component_maintenance_periods": [{"component_id": "a"}]}, r"component_maintenance_periods\.0\.start_at"),
    ],
)
def test_a_malformed_field_is_named_down_to_its_place(change, where):
    body = {"status_page_maintenance": {**MAINTENANCE["status_page_maintenance"], **change}}
    with pytest.raises(
        Unreachable, match=rf"unexpected answer: status_page_maintenance\.{where} is missing or malformed$"
    ):
        bodies.read(Maintenance, body, "status_page_maintenance")


def test_a_list_of_pages_is_read():
    assert [page.name for page in bodies.read_list(Page, PAGES, "status_pages")] == ["Acme"]


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (None, "status_pages"),
        ({}, "status_pages"),
        ({"status_pages": None}, "status_pages"),
        ({"status_pages": 5}, "status_pages"),
        ({"status_pages": [{"id": "1"}]}, "status_pages.name"),
        ({"status_pages": [None]}, "status_pages"),
    ],
)
def test_a_malformed_list_is_named(body, where):
    with pytest.raises(Unreachable) as caught:
        bodies.read_list(Page, body, "status_pages")
    assert str(caught.value) == f"incident.io gave an unexpected answer: {where} is missing or malformed"


def test_components_are_read_with_the_names_of_where_they_stand():
    assert [(found.id, found.path) for found in bodies.read_components(STRUCTURE)] == [
        ("1", "API"),
        ("2", "EU / Database"),
        ("3", "Shop / Cart"),
        ("4", "Shop / US / Queue"),
    ]


def test_the_sample_structure_is_one_of_the_service():
    parsed = sdk("StatusPageStructureV2").from_dict(copy.deepcopy(STRUCTURE["current_structure"]))
    assert unknown_fields(parsed) == []
    assert parsed.to_dict() == STRUCTURE["current_structure"]


def structure(*items):
    return {"current_structure": {"items": list(items)}}


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (None, "items"),
        ({}, "current_structure"),
        ({"current_structure": {}}, "items"),
        ({"current_structure": {"items": None}}, "items"),
        ({"current_structure": {"items": {"component": 1}}}, "items"),
        (structure("text"), "items"),
        (structure({"component": {"name": "API"}}), "component_id"),
        (structure({"component": {"component_id": "1"}}), "name"),
        (structure({"component": {"component_id": 1, "name": "API"}}), "id"),
        (structure({"group": {"name": "EU"}}), "components"),
        (structure({"sub_page": {"name": "Shop"}}), "items"),
    ],
)
def test_a_malformed_structure_is_named(body, where):
    with pytest.raises(Unreachable) as caught:
        bodies.read_components(body)
    assert str(caught.value).startswith("incident.io gave an unexpected answer: current_structure")
    assert f"{where} is missing or malformed" in str(caught.value)


@pytest.mark.parametrize(
    "item", [{}, {"component": None}, {"new_kind": {"name": "x"}}], ids=["empty", "null", "new kind"]
)
def test_an_item_of_no_known_kind_is_passed_over(item):
    assert bodies.read_components(structure(item)) == []


@pytest.mark.parametrize(
    ("source", "field"),
    [
        ({"field": "name"}, "name"),
        ({"field": "name", "pointer": "/name"}, "name"),
        ({"field": "name", "pointer": "#/name"}, "name"),
        ({"field": "0", "pointer": "/affected_component_ids/0"}, "affected_component_ids.0"),
        ({"pointer": ""}, ""),
        ({}, ""),
        (None, ""),
    ],
)
def test_the_field_of_a_refusal_is_the_whole_way_to_it(source, field):
    fault = bodies.read_fault({"request_id": "01H", "errors": [{"code": "c", "message": "m", "source": source}]})
    assert (fault.message, fault.code, fault.field, fault.request_id) == ("m", "c", field, "01H")


AVAILABILITY = {
    "availability": {
        "component_id": "c",
        "status_page_id": "p",
        "start_at": "2020-01-01T00:00:00Z",
        "end_at": "2020-01-02T00:00:00Z",
        "data_available_since": "2020-01-01T00:00:00Z",
        "availability_percent": "99.95",
    }
}

# Calls: which method and path each body goes to.


class Recorder:
    def __init__(self, *answers):
        self.answers, self.requests = list(answers), []

    def answer(self, request):
        self.requests.append(request)
        return httpx.Response(200, json=self.answers.pop(0))

    def api(self, **transport):
        settings = Settings(CAPABILITIES["incident.io"].names, "https://api.example", "key")
        return IncidentIo(settings, transport=httpx.MockTransport(self.answer), **transport)


def test_pages_are_listed_to_the_last():
    recorder = Recorder(
        PAGES, {"pagination_meta": {"page_size": 25}, "status_pages": [{**PAGE["status_page"], "id": "02P"}]}
    )
    assert [page.id for page in recorder.api().pages.list_pages()] == ["01P", "02P"]
    assert [request.url.query for request in recorder.requests] == [b"page_size=250", b"page_size=250&after=01P"]


def test_a_list_of_which_a_cursor_comes_twice_ends():
    again = {**PAGES, "pagination_meta": {"after": "01P"}}
    recorder = Recorder(PAGES, {**PAGES, "pagination_meta": {"after": "02P"}}, again)
    with pytest.raises(Unreachable, match=r"list of status_pages never ends: a cursor was repeated$"):
        recorder.api().pages.list_pages()
    assert len(recorder.requests) == 3


def test_a_list_with_always_one_more_page_ends():
    recorder = Recorder(*({**PAGES, "pagination_meta": {"after": f"{number}"}} for number in range(200)))
    with pytest.raises(Unreachable, match=r"never ends: it has more than 100 pages$"):
        recorder.api().pages.list_pages()
    assert len(recorder.requests) == PAGES_LIMIT == 100


def test_a_list_that_is_larger_than_any_ends(monkeypatch):
    monkeypatch.setattr(transport, "LARGEST_LIST", 3 * 2**20)
    page = {"status_pages": [{"id": "p", "name": "x" * 2**20}]}
    recorder = Recorder(*({**page, "pagination_meta": {"after": f"{number}"}} for number in range(200)))
    with pytest.raises(Unreachable, match=r"list of status_pages never ends: it has more than 3 MiB$"):
        recorder.api().pages.list_pages()
    assert len(recorder.requests) == 3


def test_a_list_that_takes_longer_than_any_ends():
    now = iter(range(0, 100_000, 10))
    recorder = Recorder(*({**PAGES, "pagination_meta": {"after": f"{number}"}} for number in range(200)))
    with pytest.raises(Unreachable, match=r"list of status_pages never ends: it has more than 300 s$"):
        recorder.api(monotonic=lambda: float(next(now))).pages.list_pages()
    assert 1 < len(recorder.requests) <= 30


@pytest.mark.parametrize("listed", [{}, {"a": PAGES["status_pages"][0]}, "", "text", 7, None])
def test_a_list_that_is_none_is_not_an_empty_one(listed):
    with pytest.raises(LostAnswer, match="status_pages is missing or malformed"):
        Recorder({"status_pages": listed}).api().pages.list_pages()


@pytest.mark.parametrize("more", [{"x": float("nan")}, {"\ud800": 1}, {"x": 10**400}, {"x": {"y": []}}])
def test_of_a_component_s_status_only_what_is_known_is_kept(more):
    told = {"component_id": "db", "component_status": "operational"}
    body = copy.deepcopy(MAINTENANCE)
    body["status_page_maintenance"]["updates"][0]["component_statuses"] = [{**told, **more}]
    window = bodies.read(Maintenance, body, "status_page_maintenance")
    assert window.updates[0].component_statuses == [told]
    # What is read is recorded.
    json.dumps(seen(window), allow_nan=False, ensure_ascii=False).encode()


@pytest.mark.parametrize("after", [7, ["x"], {"x": 1}, True])
def test_a_cursor_that_is_none_is_named(after):
    recorder = Recorder({**PAGES, "pagination_meta": {"after": after}})
    with pytest.raises(LostAnswer, match=r"pagination_meta\.after is missing or malformed$"):
        recorder.api().pages.list_pages()


@pytest.mark.parametrize("after", [None, ""])
def test_no_cursor_is_the_end(after):
    assert len(Recorder({**PAGES, "pagination_meta": {"after": after}}).api().pages.list_pages()) == 1


def test_a_status_that_is_new_is_read_as_the_word_that_it_is():
    body = [{**MAINTENANCE["status_page_maintenance"], "maintenance_status": "paused"}]
    (kept,) = Recorder({"status_page_maintenances": body}).api().maintenances.on_page("p")
    assert (kept.maintenance_status, kept.known_phase) == ("paused", None)
    with pytest.raises(Refused, match='maintenance_status "paused", which this version does not know') as caught:
        _ = kept.phase
    assert str(caught.value).endswith("Nothing more was posted. Install a newer version")


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "9500-01-01T00:00:00Z"])
@pytest.mark.parametrize("field", ["published_at", "updates.published_at", "component_maintenance_periods.end_at"])
def test_a_moment_at_the_edge_of_time_is_malformed(field, moment):
    event = copy.deepcopy(MAINTENANCE["status_page_maintenance"])
    *within, last = field.split(".")
    (event[within[0]][0] if within else event)[last] = moment
    with pytest.raises(LostAnswer, match=f"{last} is missing or malformed$"):
        Recorder({"status_page_maintenance": event}).api().maintenances.show("m")


def test_half_a_character_in_an_id_asks_for_no_object_there_is():
    recorder = Recorder({"status_page_maintenance": MAINTENANCE["status_page_maintenance"]})
    recorder.api().maintenances.show("a\ud800b")
    assert recorder.requests[0].url.raw_path == b"/v2/status_page_maintenances/a%3Fb"


@pytest.mark.parametrize(
    ("call", "item", "field"),
    [
        ("incidents", INCIDENT, "status_page_incident"),
        ("maintenances", MAINTENANCE, "status_page_maintenance"),
    ],
)
def test_events_of_a_page_are_listed_to_the_last(call, item, field):
    event = item[field]
    recorder = Recorder(
        {f"{field}s": [event], "pagination_meta": {"page_size": 25, "after": event["id"]}},
        {f"{field}s": [{**event, "id": "02E"}], "pagination_meta": {"page_size": 25}},
    )
    assert [found.id for found in getattr(recorder.api(), call).on_page("p/1")] == [event["id"], "02E"]
    assert [request.url.query for request in recorder.requests] == [
        b"status_page_id=p%2F1&page_size=250",
        b"status_page_id=p%2F1&page_size=250&after=" + event["id"].encode(),
    ]


def test_availability_is_asked_for_a_time_and_may_be_unknown():
    recorder = Recorder(AVAILABILITY, {"availability": {**AVAILABILITY["availability"], "availability_percent": None}})
    when = {"start_at": EPOCH, "end_at": EPOCH + timedelta(days=1)}
    found = recorder.api().pages.show_component_availability("p", "c", **when)
    assert (found.availability_percent, found.data_available_since) == ("99.95", EPOCH)
    assert recorder.requests[0].url.query == b"start_at=2020-01-01T00%3A00%3A00Z&end_at=2020-01-02T00%3A00%3A00Z"
    assert recorder.api().pages.show_component_availability("p", "c", **when).availability_percent is None


@pytest.mark.parametrize("id_", ["a/b", "../secrets", "a?b", "a#b", "a b", "%2e%2e"])
def test_an_id_cannot_lead_to_another_path(id_):
    recorder = Recorder(MAINTENANCE)
    recorder.api().maintenances.show(id_)
    (request,) = recorder.requests
    head, _, tail = request.url.raw_path.decode().rpartition("/")
    assert head == "/v2/status_page_maintenances"
    assert "?" not in tail


def test_every_endpoint_that_is_used_is_called_as_the_vendors_sdk_calls_it():
    pytest.importorskip("incident_io", reason="the vendor's SDK needs Python 3.11")
    group = "incident_io.api.status_pages_v2.status_pages_v2_"
    window = (EPOCH, EPOCH + timedelta(hours=1))
    declared = MaintenanceInputs.model_construct(
        status_page_id="p", name="n", message="m", affected_component_ids=["a"], idempotency_key="k"
    )
    opened = IncidentInputs.model_construct(status_page_id="p", name="n", message="m", idempotency_key="k")
    past = RetrospectiveInputs.model_construct(status_page_id="p", name="n", updates=[], idempotency_key="k")
    update = NewUpdate("update", "m")
    announced = Announcement(declared, window, None, "scheduled", "maintenance_scheduled", False, None, ())
    calls = {
        "list_status_pages": (lambda api: api.pages.list_pages(), {"status_pages": []}),
        "show_status_page_structure": (lambda api: api.pages.show_components("1"), STRUCTURE),
        "show_status_page_component_availability": (
            lambda api: api.pages.show_component_availability("1", "1", start_at=window[0], end_at=window[1]),
            AVAILABILITY,
        ),
        "list_status_page_incidents": (lambda api: api.incidents.on_page("1"), {"status_page_incidents": []}),
        "list_status_page_maintenances": (lambda api: api.maintenances.on_page("1"), {"status_page_maintenances": []}),
        "create_status_page_incident": (lambda api: api.incidents.create(opened, idempotency_key="k"), INCIDENT),
        "create_status_page_retrospective_incident": (
            lambda api: api.retrospectives.create(past, idempotency_key="k"),
            INCIDENT,
        ),
        "show_status_page_incident": (lambda api: api.incidents.show("1"), INCIDENT),
        "update_status_page_incident": (lambda api: api.incidents.edit("1", Edit("n")), INCIDENT),
        "create_status_page_incident_update": (
            lambda api: api.incidents.create_update("1", update),
            INCIDENT_UPDATE,
        ),
        "create_status_page_maintenance": (
            lambda api: api.maintenances.create(announced, idempotency_key="k"),
            MAINTENANCE,
        ),
        "show_status_page_maintenance": (lambda api: api.maintenances.show("1"), MAINTENANCE),
        "update_status_page_maintenance": (lambda api: api.maintenances.edit("1", Edit("n", window)), MAINTENANCE),
        "delete_status_page_maintenance": (lambda api: api.maintenances.delete("1"), None),
        "create_status_page_maintenance_update": (
            lambda api: api.maintenances.create_update("1", update),
            MAINTENANCE_UPDATE,
        ),
    }
    endpoints = importlib.import_module("incident_io.api.status_pages_v2")
    vendors = {module.name for module in pkgutil.iter_modules(endpoints.__path__)}
    # The list tells as much of each page as a look at one would.
    unused = {"status_pages_v2_show_status_page"}
    assert {f"status_pages_v2_{name}" for name in calls} == vendors - unused
    for name, (call, answer) in calls.items():
        recorder = Recorder(answer)
        call(recorder.api())
        (request,) = recorder.requests
        source = inspect.getsource(importlib.import_module(f"{group}{name}"))
        method = re.search(r'"method": "(\w+)"', source)[1].upper()
        path = re.sub(r"\{\w+\}", "1", re.search(r'"url": "([^"]+)"', source)[1])
        assert (request.method, request.url.path) == (method, path), name


def test_entries_of_one_moment_are_in_the_order_of_their_ids_in_a_list_too():
    entries = [{"id": key, "message": key, "published_at": "2026-03-01T01:00:00Z"} for key in ("2", "1")]
    item = {
        "id": "i",
        "name": "n",
        "status_page_id": "p",
        "published_at": "2026-03-01T01:00:00Z",
        "incident_status": "resolved",
        "updates": entries,
    }
    one = bodies.read(Incident, {"incident": item}, "incident")
    (other,) = bodies.read_list(Incident, {"incidents": [item]}, "incidents")
    assert [[entry.id for entry in found.timeline] for found in (one, other)] == [["1", "2"], ["1", "2"]]
