"""What the emulator keeps for statuspage.me: pages and incidents. Plain data; its form on the wire is in the routes."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, get_args

from pydantic import BaseModel

from ..incident_io.objects import Record

Stage = Literal["investigating", "identified", "monitoring", "resolved"]

STAGES: tuple[Stage, ...] = get_args(Stage)
STATES: dict[Stage, str] = {stage: str(number) for number, stage in enumerate(STAGES, start=1)}

DEFAULT_PAGE_ID = "ac3e0000-0000-4000-8000-000000000001"


class MePage(Record):
    """A status page. `components` holds their names by id; only the page's id is said to be a UUID."""

    table = "statuspage_me_pages"
    name: str
    subscribers: int
    components: dict[str, str]


class MeUpdate(BaseModel):
    id: str
    message: str | None
    stage: Stage
    created_at: datetime


class MeIncident(Record):
    table = "statuspage_me_incidents"
    page_id: str
    component_id: str | None
    title: str
    message: str | None
    stage: Stage
    created_at: datetime
    updated_at: datetime
    updates: list[MeUpdate]


class Answers(BaseModel):
    """How incidents are answered: the document leaves it open, so a test may choose."""

    shape: Literal["bare", "wrapped"] = "bare"
    extra_fields: bool = False
    states: dict[Stage, str] = STATES


def default_page() -> MePage:
    """Acme. Its ids never change, so that they can be written into a program."""
    return MePage(
        id=DEFAULT_PAGE_ID,
        name="Acme",
        subscribers=25,
        components={"cmp-acme-api": "API", "cmp-acme-dashboard": "Dashboard", "cmp-acme-database": "Database"},
    )
