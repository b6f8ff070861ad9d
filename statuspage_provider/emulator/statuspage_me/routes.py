"""statuspage.me's paths: what comes in by HTTP, which rule it goes to, which form the answer has.

The document says "the incident" and "its timeline" and no more, so the form of an answer can be switched.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue

from .. import validation
from ..clock import rfc3339
from ..errors import Refusal
from ..request import json_body, no_query, query, world
from .bodies import ChangeIncident, CreateIncident, CreateUpdate, ListIncidents
from .objects import Answers, MeIncident, MeUpdate

PREFIX = "/user/api/v1/"
KEY_PREFIX = "spk_"

Wire = dict[str, Any]

me = Blueprint("statuspage_me", __name__, url_prefix="/user/api/v1")


def error_body(refusal: Refusal) -> Wire:
    return {"error": str(refusal)}


@me.get("/incidents")
def list_incidents() -> ResponseReturnValue:
    incidents = world.statuspage_me.list_incidents(query(ListIncidents))
    answers = world.statuspage_me.answers
    return _answer("incidents", [_incident(incident, answers) for incident in incidents], answers)


@me.get("/incidents/<key>")
def show_incident(key: str) -> ResponseReturnValue:
    no_query()
    incident, answers = world.statuspage_me.incident(key), world.statuspage_me.answers
    timeline = [_update(update, answers) for update in incident.updates]
    return _answer("incident", {**_incident(incident, answers), "updates": timeline}, answers)


@me.post("/incidents")
def create_incident() -> ResponseReturnValue:
    incident = world.statuspage_me.create_incident(validation.read(CreateIncident, json_body()))
    answers = world.statuspage_me.answers
    return _answer("incident", _incident(incident, answers), answers), 201


@me.patch("/incidents/<key>")
def change_incident(key: str) -> ResponseReturnValue:
    incident = world.statuspage_me.change_incident(key, validation.read(ChangeIncident, json_body()))
    answers = world.statuspage_me.answers
    return _answer("incident", _incident(incident, answers), answers)


@me.post("/incidents/<key>/updates")
def add_update(key: str) -> ResponseReturnValue:
    update = world.statuspage_me.add_update(key, validation.read(CreateUpdate, json_body()))
    answers = world.statuspage_me.answers
    return _answer("update", _update(update, answers), answers), 201


@me.delete("/incidents/<key>")
def delete_incident(key: str) -> ResponseReturnValue:
    no_query()
    world.statuspage_me.delete_incident(key)
    return "", 204


def _answer(name: str, content: Wire | list[Wire], answers: Answers) -> Response:
    """Bare, or under its name; with fields nobody documented beside it, if those are wanted."""
    if answers.shape == "bare":
        return jsonify(content)
    return jsonify({name: content, "success": True} if answers.extra_fields else {name: content})


def _incident(incident: MeIncident, answers: Answers) -> Wire:
    wire: Wire = {
        "id": incident.id,
        "title": incident.title,
        "message": incident.message,
        "status_page_id": incident.page_id,
        "component_id": incident.component_id,
        "incident_state_id": answers.states[incident.stage],
        "created_at": rfc3339(incident.created_at),
        "updated_at": rfc3339(incident.updated_at),
    }
    extra: Wire = {"severity": None, "tags": [], "incident_state": {"color": "#cc3300"}}
    return {**wire, **extra} if answers.extra_fields else wire


def _update(update: MeUpdate, answers: Answers) -> Wire:
    wire: Wire = {
        "id": update.id,
        "message": update.message,
        "incident_state_id": answers.states[update.stage],
        "created_at": rfc3339(update.created_at),
    }
    return {**wire, "author": {"name": "Someone"}} if answers.extra_fields else wire
