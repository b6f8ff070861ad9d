"""The emulator, asked by the vendor's own SDK on a socket: it was made from the vendor's API description, so it judges
the answers' shape."""

import pkgutil
import re
from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest

pytest.importorskip("flask")

from tests.support import accounts

pytestmark = pytest.mark.skipif(find_spec("incident_io") is None, reason="the vendor's SDK needs Python 3.11")


class Sdk:
    """The SDK, loaded when a test asks for it: each worker reads this file, and a few run it."""

    def __getattr__(self, name):
        part = name if name in ("client", "models", "types") else f"api.status_pages_v2.status_pages_v2_{name}"
        return import_module(f"incident_io.{part}")


sdk = Sdk()

NOW, emulator = accounts.NOW, accounts.emulator


@pytest.fixture
def acme(emulator):
    """Valid bodies to start from."""
    with httpx.Client() as unused:
        yield accounts.Acme(emulator, unused)


@pytest.fixture
def connect(emulator):
    with emulator.serve() as served:
        clients = []

        def connect(token="emulator-write"):
            client = sdk.client.AuthenticatedClient(base_url=served.url, token=token, raise_on_unexpected_status=True)
            clients.append(client.__enter__())
            return clients[-1]

        yield connect
        for client in clients:
            client.__exit__(None, None, None)


@pytest.fixture
def client(connect):
    return connect()


def affected(emulator, name, status):
    return sdk.models.StatusPageIncidentAffectedComponentV2.from_dict(
        {"component_id": emulator.components[name], "component_status": status}
    )


def incident_body(acme, **changes):
    told = acme.statuses(API="partial_outage")
    body = acme.incident_body(notify_subscribers=True, component_statuses=told, **changes)
    return sdk.models.StatusPagesCreateStatusPageIncidentPayloadV2.from_dict(body)


def make_incident(client, acme):
    return sdk.create_status_page_incident.sync(client=client, body=incident_body(acme)).status_page_incident


def make_window(client, acme, **changes):
    body = acme.window_body(automate_maintenance_status=True, notify_subscribers=True, idempotency_key="window")
    body = sdk.models.StatusPagesCreateStatusPageMaintenancePayloadV2.from_dict({**body, **changes})
    return sdk.create_status_page_maintenance.sync(client=client, body=body).status_page_maintenance


def test_every_endpoint_of_the_sdk_is_called_here():
    called = set(re.findall(r"sdk\.(\w+)\.sync", Path(__file__).read_text()))
    there = {module.name for module in pkgutil.iter_modules(import_module("incident_io.api.status_pages_v2").__path__)}
    assert {f"status_pages_v2_{name}" for name in called} == there
    assert len(there) == 16


def test_pages_and_structure(client, emulator):
    emulator.add_page("Other")
    listed = sdk.list_status_pages.sync(client=client, page_size=1)
    assert (listed.pagination_meta.page_size, listed.pagination_meta.after) == (1, emulator.page_id)
    rest = sdk.list_status_pages.sync(client=client, after=listed.pagination_meta.after)
    assert [page.name for page in rest.status_pages] == ["Other"]
    assert rest.pagination_meta.after is sdk.types.UNSET
    assert rest.status_pages[0].description is sdk.types.UNSET
    page = sdk.show_status_page.sync(emulator.page_id, client=client).status_page
    assert page == listed.status_pages[0]
    structure = sdk.show_status_page_structure.sync(emulator.page_id, client=client)
    assert structure.management_meta.managed_by == sdk.models.ManagementMetaV2ManagedBy.DASHBOARD
    group = structure.current_structure.items[2].group
    assert [component.name for component in group.components] == ["Database", "Queue"]


def test_the_life_of_an_incident(client, emulator, acme):
    incident = make_incident(client, acme)
    assert incident.published_at == NOW
    assert incident.component_impacts[0].end_at is sdk.types.UNSET
    body = sdk.models.StatusPagesUpdateStatusPageIncidentPayloadV2(name="More errors")
    renamed = sdk.update_status_page_incident.sync(incident.id, client=client, body=body).status_page_incident
    assert renamed.name == "More errors"
    emulator.advance(60)
    body = sdk.models.StatusPagesCreateStatusPageIncidentUpdatePayloadV2.from_dict(
        {
            "message": "Fixed.",
            "notify_subscribers": True,
            "status_page_incident_id": incident.id,
            "incident_status": "resolved",
        }
    )
    update = sdk.create_status_page_incident_update.sync(client=client, body=body).status_page_incident_update
    assert update.incident_status == "resolved"
    shown = sdk.show_status_page_incident.sync(incident.id, client=client).status_page_incident
    assert shown.component_impacts[0].end_at == NOW + timedelta(seconds=60)
    assert [one.message for one in shown.updates] == ["We are looking into it.", "Fixed."]
    listed = sdk.list_status_page_incidents.sync(
        client=client, status_page_id=emulator.page_id, start_at=NOW, end_at=NOW
    )
    assert listed.status_page_incidents == [shown]


def test_a_past_incident_and_availability(client, emulator):
    body = sdk.models.StatusPagesCreateStatusPageRetrospectiveIncidentPayloadV2.from_dict(
        {
            "idempotency_key": "past",
            "name": "Old outage",
            "status_page_id": emulator.page_id,
            "updates": [
                {
                    "incident_status": "investigating",
                    "message": "Down.",
                    "published_at": (NOW - timedelta(hours=12)).isoformat(),
                    "component_statuses": [affected(emulator, "API", "full_outage").to_dict()],
                },
                {
                    "incident_status": "resolved",
                    "message": "Up.",
                    "published_at": (NOW - timedelta(hours=6)).isoformat(),
                },
            ],
        }
    )
    incident = sdk.create_status_page_retrospective_incident.sync(client=client, body=body).status_page_incident
    assert incident.incident_status == "resolved"
    answer = sdk.show_status_page_component_availability.sync(
        emulator.page_id,
        emulator.components["API"],
        client=client,
        start_at=NOW - timedelta(days=1),
        end_at=NOW,
    )
    assert answer.availability.availability_percent == "75.00"


def test_the_life_of_a_window(client, emulator, acme):
    window = make_window(client, acme)
    assert window.automate_maintenance_status is True
    assert window.component_maintenance_periods[0].start_at == NOW + timedelta(hours=1)
    body = sdk.models.StatusPagesUpdateStatusPageMaintenancePayloadV2(
        name="Moved", start_at=NOW + timedelta(minutes=10), end_at=NOW + timedelta(hours=1)
    )
    changed = sdk.update_status_page_maintenance.sync(window.id, client=client, body=body).status_page_maintenance
    assert changed.component_maintenance_periods[0].end_at == NOW + timedelta(hours=1)
    emulator.advance(1200)
    body = sdk.models.StatusPagesCreateStatusPageMaintenanceUpdatePayloadV2.from_dict(
        {
            "message": "Done.",
            "notify_subscribers": False,
            "status_page_maintenance_id": window.id,
            "maintenance_status": "maintenance_complete",
        }
    )
    update = sdk.create_status_page_maintenance_update.sync(client=client, body=body).status_page_maintenance_update
    assert update.component_statuses[0].component_status == "operational"
    shown = sdk.show_status_page_maintenance.sync(window.id, client=client).status_page_maintenance
    assert shown.automate_maintenance_status is False
    assert [one.maintenance_status.value[12:] for one in shown.updates] == ["scheduled", "in_progress", "complete"]
    listed = sdk.list_status_page_maintenances.sync(
        client=client, status_page_id=emulator.page_id, component_id=emulator.components["EU / Database"]
    )
    assert listed.status_page_maintenances == [shown]
    assert make_window(client, acme) == window
    assert sdk.delete_status_page_maintenance.sync_detailed(window.id, client=client).status_code == 204


def test_refusals_parse_as_the_vendors_errors(client, connect, emulator, acme):
    def is_error(answer, status, type_):
        assert answer.status_code == status
        assert isinstance(answer.parsed, sdk.models.ErrorResponse)
        assert (answer.parsed.status, answer.parsed.type_) == (status, type_)
        assert answer.parsed.errors[0].message
        assert answer.parsed.additional_properties == {}
        return answer.parsed

    nobody, reader = connect("nobody"), connect("emulator-read")
    is_error(sdk.list_status_pages.sync_detailed(client=nobody), 401, "authentication_error")
    body = incident_body(acme)
    is_error(sdk.create_status_page_incident.sync_detailed(client=reader, body=body), 403, "resource_forbidden")
    is_error(sdk.show_status_page_maintenance.sync_detailed("01NONE", client=client), 404, "not_found")
    is_error(sdk.delete_status_page_maintenance.sync_detailed("01NONE", client=client), 404, "not_found")
    answer = sdk.create_status_page_incident.sync_detailed(client=client, body=incident_body(acme, name="x" * 201))
    error = is_error(answer, 422, "validation_error")
    assert (error.errors[0].source.field, error.errors[0].source.pointer) == ("name", "/name")
    emulator.fault(kind="status:429", retry_after=2)
    limited = is_error(sdk.list_status_pages.sync_detailed(client=client), 429, "too_many_requests")
    assert limited.rate_limit.remaining == 0
    assert limited.rate_limit.to_dict()["retry_after"]
    emulator.fault(kind="status:500")
    is_error(sdk.list_status_pages.sync_detailed(client=client), 500, "api_error")


def test_the_sdk_reads_the_differences_that_stay_within_the_schema(client, emulator, acme):
    emulator.differ(open_ended_periods=True, public_urls=False, stale_reads=1, rerenders_markdown=True)
    window = make_window(client, acme, message="* Upgrade.\n")
    assert window.component_maintenance_periods[0].end_at is sdk.types.UNSET
    assert window.updates[0].message == "- Upgrade."
    unseen = sdk.show_status_page_maintenance.sync(window.id, client=client)
    assert (unseen.status, unseen.type_) == (404, "not_found")
    assert sdk.show_status_page_maintenance.sync(window.id, client=client).status_page_maintenance == window
    incident = make_incident(client, acme)
    assert (
        sdk.list_status_page_incidents.sync(client=client, status_page_id=emulator.page_id).status_page_incidents == []
    )
    assert sdk.list_status_page_incidents.sync(
        client=client, status_page_id=emulator.page_id
    ).status_page_incidents == [incident]
    assert sdk.list_status_pages.sync(client=client).status_pages[0].public_url is sdk.types.UNSET


def test_the_sdk_reads_hidden_and_shared_components(client, emulator):
    shared = {"name": "Shared", "id": "01SHARED", "hidden": True}
    key = emulator.add_page("Beta", sub_pages={"EU": {"components": [shared]}, "US": {"groups": {"Core": [shared]}}})
    in_eu, in_us = (
        item.sub_page.items[0]
        for item in sdk.show_status_page_structure.sync(key, client=client).current_structure.items
    )
    assert in_eu.component.hidden is True
    assert in_us.group.components == [in_eu.component]


def test_the_sdk_takes_unknown_fields(client, emulator, acme):
    emulator.differ(unknown_values=True)
    window = make_window(client, acme)
    assert window.additional_properties == {"severity_hint": "none"}
    assert (
        sdk.show_status_page_structure.sync(emulator.page_id, client=client).current_structure.items[2].group.name
        == "EU"
    )
