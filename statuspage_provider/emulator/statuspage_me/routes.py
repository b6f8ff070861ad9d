"""statuspage.me's paths: which rule each call goes to, and which form its answer has.

The documents show an envelope for all but incidents, of which they say "the incident" and "its timeline" and no more.
So the form of an answer can be switched.
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue

from ..errors import Invalid, Refusal
from ..request import from_environ, json_body, no_query, query
from . import bodies
from .objects import Shape, Wire
from .rules import StatuspageMe

PREFIX = "/user/api/v1/"
WITHOUT_ENVELOPE = ("incidents", "incident", "update")

service: StatuspageMe = from_environ("emulator.statuspage_me")
api = Blueprint("statuspage_me", __name__, url_prefix="/user/api/v1")


def error(refusal: Refusal) -> tuple[Wire, int]:
    """The statuses that are told have no 422: what is well-formed but against a rule is 400 too."""
    return {"error": str(refusal)}, 400 if isinstance(refusal, Invalid) else refusal.status


@api.get("/incidents")
def list_incidents() -> ResponseReturnValue:
    incidents = service.list_incidents(query(bodies.ListIncidents))
    return _answer("incidents", [incident.to_wire(service.answers) for incident in incidents])


@api.get("/incidents/<key>")
def show_incident(key: str) -> ResponseReturnValue:
    no_query()
    return _answer("incident", service.incident(key).to_wire_with_updates(service.answers))


@api.post("/incidents")
def create_incident() -> ResponseReturnValue:
    incident = service.create_incident(json_body(bodies.CreateIncident))
    return _answer("incident", incident.to_wire(service.answers)), 201


@api.patch("/incidents/<key>")
def change_incident(key: str) -> ResponseReturnValue:
    incident = service.change_incident(key, json_body(bodies.ChangeIncident))
    return _answer("incident", incident.to_wire(service.answers))


@api.post("/incidents/<key>/updates")
def add_update(key: str) -> ResponseReturnValue:
    update = service.add_update(key, json_body(bodies.CreateUpdate))
    return _answer("update", update.to_wire(service.answers)), 201


@api.delete("/incidents/<key>")
def delete_incident(key: str) -> ResponseReturnValue:
    no_query()
    service.delete_incident(key)
    return _deleted("incident")


@api.get("/maintenances")
def list_maintenances() -> ResponseReturnValue:
    windows = service.list_maintenances(query(bodies.ListMaintenances))
    return _answer("maintenances", [window.to_wire(service.answers) for window in windows])


@api.get("/maintenances/<key>")
def show_maintenance(key: str) -> ResponseReturnValue:
    no_query()
    return _answer("maintenance", service.maintenance(key).to_wire(service.answers))


@api.post("/maintenances")
def create_maintenance() -> ResponseReturnValue:
    window = service.create_maintenance(json_body(bodies.CreateMaintenance))
    return _answer("maintenance", window.to_wire(service.answers)), 201


@api.patch("/maintenances/<key>")
def change_maintenance(key: str) -> ResponseReturnValue:
    window = service.change_maintenance(key, json_body(bodies.ChangeMaintenance))
    return _answer("maintenance", window.to_wire(service.answers))


@api.delete("/maintenances/<key>")
def delete_maintenance(key: str) -> ResponseReturnValue:
    no_query()
    service.delete_maintenance(key)
    return _deleted("maintenance")


@api.get("/status-pages")
def list_pages() -> ResponseReturnValue:
    no_query()
    return _answer("status_pages", [page.to_wire(service.answers) for page in service.list_pages()])


def _shape(name: str) -> Shape:
    shape = service.answers.shape
    if shape != "documented":
        return shape
    return "bare" if name in WITHOUT_ENVELOPE else "data"


def _answer(name: str, content: Wire | list[Wire]) -> Response:
    """The content bare, under its name or in the envelope, with an undocumented field beside it if one is wanted."""
    extra: Wire = {"success": True} if service.answers.extra_fields else {}
    match _shape(name):
        case "bare":
            return jsonify(content)
        case "wrapped":
            return jsonify({name: content, **extra})
        case "nested" if isinstance(content, dict):
            content = _nested(name, content)
    meta: Wire = {"meta": {"count": len(content)}} if isinstance(content, list) else {}
    return jsonify({"data": content, **meta, **extra})


def _nested(name: str, content: Wire) -> Wire:
    """The object under its name, and its timeline not in it but beside it."""
    timeline = {"updates": content.pop("updates")} if "updates" in content else {}
    return {name: content, **timeline}


def _deleted(name: str) -> ResponseReturnValue:
    """No content, or 200 in the envelope: the page that shows the envelope lists no 204."""
    return ("", 204) if _shape(name) in ("bare", "wrapped") else _answer(name, {"deleted": True})
