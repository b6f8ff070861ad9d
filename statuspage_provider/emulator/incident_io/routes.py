"""incident.io's paths: which rule each call goes to, and how its answer is wrapped."""

from __future__ import annotations

import secrets

from flask import Blueprint, Response, g, json, request
from flask.typing import ResponseReturnValue

from ..errors import Refusal
from ..request import from_environ, json_body, no_query, query
from . import bodies
from .lists import Wire
from .pages import Page
from .rules import IncidentIO

PREFIX = "/v2/"

service: IncidentIO = from_environ("emulator.incident_io")
api = Blueprint("incident_io", __name__, url_prefix="/v2")


def error(refusal: Refusal) -> tuple[Wire, int]:
    return refusal.to_wire(request_id=secrets.token_hex(8)), refusal.status


@api.after_request
def add_unknown_fields(response: Response) -> Response:
    differences = service.differences
    if differences.unknown_values and response.status_code < 300 and response.is_json:
        response.set_data(json.dumps(differences.with_unknown_fields(response.get_json())))
    return response


def _public_url(page: Page) -> str | None:
    return f"{request.host_url}pages/{page.slug}" if service.differences.public_urls else None


@api.get("/status_pages")
def list_pages() -> ResponseReturnValue:
    pages, meta = service.list_pages(query(bodies.Paging))
    return {"status_pages": [page.to_wire(_public_url(page)) for page in pages], "pagination_meta": meta}


@api.get("/status_pages/<key>")
def show_page(key: str) -> ResponseReturnValue:
    no_query()
    page = service.page(key)
    return {"status_page": page.to_wire(_public_url(page))}


@api.get("/status_page_structures/<key>")
def show_structure(key: str) -> ResponseReturnValue:
    no_query()
    return service.page(key).structure_to_wire()


@api.get("/status_pages/<key>/components/<component>/availability")
def show_availability(key: str, component: str) -> ResponseReturnValue:
    return {"availability": service.availability(key, component, query(bodies.AvailabilityTime))}


@api.post("/status_page_incidents")
def create_incident() -> ResponseReturnValue:
    return {"status_page_incident": service.create_incident(json_body(bodies.CreateIncident))}, 201


@api.get("/status_page_incidents")
def list_incidents() -> ResponseReturnValue:
    incidents, meta = service.list_incidents(query(bodies.EventFilter))
    differences = service.differences
    return {"status_page_incidents": [one.to_wire(differences) for one in incidents], "pagination_meta": meta}


@api.get("/status_page_incidents/<key>")
def show_incident(key: str) -> ResponseReturnValue:
    no_query()
    return {"status_page_incident": service.incident(key).to_wire(service.differences)}


@api.put("/status_page_incidents/<key>")
def change_incident(key: str) -> ResponseReturnValue:
    return {"status_page_incident": service.change_incident(key, json_body(bodies.ChangeIncident))}


@api.post("/status_page_incident_updates")
def update_incident() -> ResponseReturnValue:
    return {"status_page_incident_update": service.update_incident(json_body(bodies.CreateIncidentUpdate))}, 201


@api.post("/status_page_retrospective_incidents")
def create_retrospective() -> ResponseReturnValue:
    service.count_retrospective(g.api_key)
    return {"status_page_incident": service.create_retrospective(json_body(bodies.CreateRetrospective))}, 201


@api.post("/status_page_maintenances")
def create_maintenance() -> ResponseReturnValue:
    return {"status_page_maintenance": service.create_maintenance(json_body(bodies.CreateMaintenance))}, 201


@api.get("/status_page_maintenances")
def list_maintenances() -> ResponseReturnValue:
    windows, meta = service.list_maintenances(query(bodies.EventFilter))
    differences = service.differences
    return {"status_page_maintenances": [one.to_wire(differences) for one in windows], "pagination_meta": meta}


@api.get("/status_page_maintenances/<key>")
def show_maintenance(key: str) -> ResponseReturnValue:
    no_query()
    return {"status_page_maintenance": service.maintenance(key).to_wire(service.differences)}


@api.put("/status_page_maintenances/<key>")
def change_maintenance(key: str) -> ResponseReturnValue:
    return {"status_page_maintenance": service.change_maintenance(key, json_body(bodies.ChangeMaintenance))}


@api.delete("/status_page_maintenances/<key>")
def delete_maintenance(key: str) -> ResponseReturnValue:
    no_query()
    service.delete_maintenance(key)
    return "", 204


@api.post("/status_page_maintenance_updates")
def update_maintenance() -> ResponseReturnValue:
    return {
        "status_page_maintenance_update": service.update_maintenance(json_body(bodies.CreateMaintenanceUpdate))
    }, 201
