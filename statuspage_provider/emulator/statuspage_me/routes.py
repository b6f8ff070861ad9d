"""statuspage.me's paths: which rule each call goes to, and which form its answer has.

The document says "the incident" and "its timeline" and no more, so the form of an answer can be switched.
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue

from ..errors import Invalid, Refusal
from ..request import from_environ, json_body, no_query, query
from . import bodies
from .objects import Wire
from .rules import StatuspageMe

PREFIX = "/user/api/v1/"

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
    return "", 204


def _answer(name: str, content: Wire | list[Wire]) -> Response:
    """The content bare, or under its name, with an undocumented field beside it if those are wanted."""
    answers = service.answers
    if answers.shape == "bare":
        return jsonify(content)
    return jsonify({name: content, "success": True} if answers.extra_fields else {name: content})
