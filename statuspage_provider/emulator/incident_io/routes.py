"""incident.io's paths: what comes in by HTTP, which rule it goes to, how the answer is wrapped."""

from __future__ import annotations

from flask import Blueprint, Response, g, json, request
from flask.typing import ResponseReturnValue

from .. import validation
from ..request import json_body, no_query, query, world
from . import bodies
from .objects import Page

PREFIX = "/v2/"


def page_url(page: Page) -> str | None:
    return f"{request.host_url}pages/{page.slug}" if world.store.differences.public_urls else None


v2 = Blueprint("incident_io", __name__, url_prefix="/v2")


@v2.after_request
def add_unknown_fields(response: Response) -> Response:
    differences = world.store.differences
    if differences.unknown_values and response.status_code < 300 and response.is_json:
        response.set_data(json.dumps(differences.with_unknown_fields(response.get_json())))
    return response


@v2.get("/status_pages")
def list_pages() -> ResponseReturnValue:
    pages, meta = world.incident_io.list_pages(query(bodies.Paging))
    return {"status_pages": [page.to_wire(page_url(page)) for page in pages], "pagination_meta": meta}


@v2.get("/status_pages/<key>")
def show_page(key: str) -> ResponseReturnValue:
    no_query()
    page = world.incident_io.page(key)
    return {"status_page": page.to_wire(page_url(page))}


@v2.get("/status_page_structures/<key>")
def show_structure(key: str) -> ResponseReturnValue:
    no_query()
    return world.incident_io.page(key).structure_to_wire()


@v2.get("/status_pages/<key>/components/<component>/availability")
def show_availability(key: str, component: str) -> ResponseReturnValue:
    window = query(bodies.AvailabilityWindow)
    return {"availability": world.incident_io.availability(key, component, window)}


@v2.post("/status_page_incidents")
def create_incident() -> ResponseReturnValue:
    return {
        "status_page_incident": world.incident_io.create_incident(validation.read(bodies.CreateIncident, json_body()))
    }, 201


@v2.get("/status_page_incidents")
def list_incidents() -> ResponseReturnValue:
    incidents, meta = world.incident_io.list_incidents(query(bodies.EventFilter))
    differences = world.store.differences
    return {"status_page_incidents": [one.to_wire(differences) for one in incidents], "pagination_meta": meta}


@v2.get("/status_page_incidents/<key>")
def show_incident(key: str) -> ResponseReturnValue:
    no_query()
    return {"status_page_incident": world.incident_io.incident(key).to_wire(world.store.differences)}


@v2.put("/status_page_incidents/<key>")
def change_incident(key: str) -> ResponseReturnValue:
    body = validation.read(bodies.ChangeIncident, json_body())
    return {"status_page_incident": world.incident_io.change_incident(key, body)}


@v2.post("/status_page_incident_updates")
def update_incident() -> ResponseReturnValue:
    body = validation.read(bodies.CreateIncidentUpdate, json_body())
    return {"status_page_incident_update": world.incident_io.update_incident(body)}, 201


@v2.post("/status_page_retrospective_incidents")
def create_retrospective() -> ResponseReturnValue:
    world.incident_io.count_retrospective(g.api_key)
    body = validation.read(bodies.CreateRetrospective, json_body())
    return {"status_page_incident": world.incident_io.create_retrospective(body)}, 201


@v2.post("/status_page_maintenances")
def create_maintenance() -> ResponseReturnValue:
    body = validation.read(bodies.CreateMaintenance, json_body())
    return {"status_page_maintenance": world.incident_io.create_maintenance(body)}, 201


@v2.get("/status_page_maintenances")
def list_maintenances() -> ResponseReturnValue:
    windows, meta = world.incident_io.list_maintenances(query(bodies.EventFilter))
    differences = world.store.differences
    return {"status_page_maintenances": [one.to_wire(differences) for one in windows], "pagination_meta": meta}


@v2.get("/status_page_maintenances/<key>")
def show_maintenance(key: str) -> ResponseReturnValue:
    no_query()
    return {"status_page_maintenance": world.incident_io.maintenance(key).to_wire(world.store.differences)}


@v2.put("/status_page_maintenances/<key>")
def change_maintenance(key: str) -> ResponseReturnValue:
    body = validation.read(bodies.ChangeMaintenance, json_body())
    return {"status_page_maintenance": world.incident_io.change_maintenance(key, body)}


@v2.delete("/status_page_maintenances/<key>")
def delete_maintenance(key: str) -> ResponseReturnValue:
    no_query()
    world.incident_io.delete_maintenance(key)
    return "", 204


@v2.post("/status_page_maintenance_updates")
def update_maintenance() -> ResponseReturnValue:
    body = validation.read(bodies.CreateMaintenanceUpdate, json_body())
    return {"status_page_maintenance_update": world.incident_io.update_maintenance(body)}, 201
