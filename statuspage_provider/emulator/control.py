"""The control routes, under /_emulator/: look at what came in and went out, move the clock, order faults."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from pydantic import AfterValidator, BaseModel

from . import validation
from .clock import rfc3339
from .differences import DifferencesOrder
from .errors import Forbidden, Invalid, Issue
from .faults import Fault
from .incident_io.bodies import NewPage
from .request import from_environ
from .statuspage_me import bodies as statuspage_me
from .world import World

M = TypeVar("M", bound=BaseModel)


def _not_negative(value: int) -> int:
    if value < 0:
        raise ValueError("must not be negative")
    return value


class ClockBody(validation.Body):
    now: validation.Instant | None = None
    advance_s: float | None = None


class SubscribersBody(validation.Body):
    status_page_id: validation.Text
    count: Annotated[int, AfterValidator(_not_negative)]


class FaultsBody(BaseModel):
    faults: list[Fault]


world: World = from_environ("emulator.world")
control = Blueprint("control", __name__, url_prefix="/_emulator")


@control.before_request
def refuse_foreigners() -> None:
    """A page in a browser must not use them: not by its own script, a form, or a name that leads here."""
    if not _is_this_machine(request.host):
        raise _foreign("Call control routes by a loopback name or address, like 127.0.0.1")
    origin = request.headers.get("Origin")
    if origin is not None and origin != request.host_url.rstrip("/"):
        raise _foreign("Control routes are not for pages from elsewhere")
    if request.get_data() and request.mimetype != "application/json":
        raise _foreign("Send the body as Content-Type: application/json")


def _is_this_machine(host: str) -> bool:
    try:
        name = (urlsplit(f"//{host}").hostname or "").removesuffix(".")
        return name == "localhost" or name.endswith(".localhost") or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _foreign(message: str) -> Forbidden:
    return Forbidden(Issue(message, "foreign_request"))


def _json() -> Any:
    return validation.read_json(request.get_data())


def _body(model: type[M]) -> M:
    return validation.read(model, _json())


@control.get("/requests")
def requests() -> ResponseReturnValue:
    return world.store.read_log("requests")


@control.delete("/requests")
def clear_requests() -> ResponseReturnValue:
    world.store.clear_log("requests")
    return "", 204


@control.get("/notices")
def notices() -> ResponseReturnValue:
    return world.store.read_log("notices")


@control.post("/reset")
def reset() -> ResponseReturnValue:
    world.reset()
    return "", 204


@control.get("/clock")
def show_clock() -> ResponseReturnValue:
    return {"now": rfc3339(world.clock.now())}


@control.post("/clock")
def move_clock() -> ResponseReturnValue:
    body = _body(ClockBody)
    if (body.now is None) == (body.advance_s is None):
        raise Invalid("Give either now or advance_s")
    try:
        if body.now is not None:
            world.set_clock(body.now)
        else:
            world.advance(body.advance_s or 0)
    except ValueError as error:
        field = "advance_s" if body.now is None else "now"
        raise Invalid.at(f"/{field}", f"{field}: {error}") from None
    return show_clock()


@control.get("/faults")
def show_faults() -> ResponseReturnValue:
    return world.faults.to_wire()


@control.post("/faults")
def order_faults() -> ResponseReturnValue:
    orders = _json()
    listed = orders if isinstance(orders, list) else [orders]
    for fault in validation.read(FaultsBody, {"faults": listed}).faults:
        world.faults.order(fault)
    return world.faults.to_wire(), 201


@control.delete("/faults")
def clear_faults() -> ResponseReturnValue:
    world.clear_faults()
    return "", 204


@control.post("/late")
def carry_out_late() -> ResponseReturnValue:
    return {"carried_out": world.late_requests.carry_out_all()}


@control.get("/differences")
def show_differences() -> ResponseReturnValue:
    return world.store.differences.model_dump()


@control.post("/differences")
def set_differences() -> ResponseReturnValue:
    return world.differ(_body(DifferencesOrder)).model_dump()


@control.post("/subscribers")
def subscribers() -> ResponseReturnValue:
    body = _body(SubscribersBody)
    world.set_subscribers(body.status_page_id, body.count)
    return {"status_page_id": body.status_page_id, "count": body.count}


@control.post("/pages")
def add_page() -> ResponseReturnValue:
    page = world.incident_io.add_page(_body(NewPage))
    url = f"{request.host_url}pages/{page.slug}"
    return {"status_page": page.to_wire(url), "components": page.components_by_name()}, 201


@control.get("/statuspage_me")
def show_statuspage_me() -> ResponseReturnValue:
    return world.statuspage_me.answers.model_dump()


@control.post("/statuspage_me")
def set_statuspage_me() -> ResponseReturnValue:
    return world.statuspage_me.set_answers(_body(statuspage_me.AnswersOrder)).model_dump()


@control.post("/statuspage_me/pages")
def add_statuspage_me_page() -> ResponseReturnValue:
    page = world.statuspage_me.add_page(_body(statuspage_me.NewPage))
    return {"status_page": {"id": page.id, "name": page.name}, "components": page.components_by_name()}, 201
