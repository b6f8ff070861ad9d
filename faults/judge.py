"""Judges what a schedule left behind, by the program, the page and its mail alone: it knows nothing of the provider."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

OVER = ("maintenance_complete", "resolved")
COMPLETED = "This maintenance is complete."


@dataclass(frozen=True)
class Seen:
    """An object of either service, in one form."""

    id: str
    kind: str
    name: str
    status: str
    texts: tuple[str, ...]
    start_at: str | None = None
    end_at: str | None = None

    @property
    def is_over(self) -> bool:
        return self.status in OVER

    def belongs_to(self, resource: str) -> bool:
        return any(text.startswith(f"{resource} ") for text in (self.name, *self.texts))


@dataclass(frozen=True)
class Left:
    """What there is in the end."""

    now: datetime
    objects: tuple[Seen, ...]
    notices: tuple[dict[str, Any], ...]


@dataclass
class Verdict:
    held: list[str] = field(default_factory=list)
    """Why the program is not on the page yet: the provider's own lines. Nothing was posted."""
    faults: list[str] = field(default_factory=list)


def seen(call: Any, now: datetime) -> tuple[Seen, ...]:
    """What both services show. `call` makes a GET and answers with its JSON."""
    found = []
    for one in call("/v2/status_page_maintenances")["status_page_maintenances"]:
        texts = tuple(update["message"] for update in one["updates"])
        periods = [period for period in one["component_maintenance_periods"] if period.get("start_at")]
        start = min((period["start_at"] for period in periods), default=None)
        end = max((period.get("end_at") or "" for period in periods), default="") or None
        found.append(Seen(one["id"], "window", one["name"], one["maintenance_status"], texts, start, end))
    for one in call("/v2/status_page_incidents")["status_page_incidents"]:
        texts = tuple(update["message"] for update in one["updates"])
        found.append(Seen(one["id"], "incident", one["name"], one["incident_status"], texts))
    for one in call("/user/api/v1/maintenances")["data"]:
        begun, over = (_moment(one[time]) <= now for time in ("start_at", "end_at"))
        status = f"maintenance_{'complete' if over else 'in_progress' if begun else 'scheduled'}"
        texts = (one["message"] or "",)
        found.append(Seen(one["id"], "window-me", one["title"], status, texts, one["start_at"], one["end_at"]))
    for listed in call("/user/api/v1/incidents"):
        one = call(f"/user/api/v1/incidents/{listed['id']}")
        texts = tuple(update["message"] or "" for update in one["updates"])
        status = "resolved" if one["incident_state_id"] == "4" else "open"
        found.append(Seen(one["id"], "incident-me", one["title"], status, texts))
    return tuple(found)


def open_at_once(left: Left, kinds: dict[str, str]) -> list[str]:
    """Resources with several open objects, after a run that ended well: one that is killed in a replacement leaves two,
    and the next run removes the old one.
    """
    faults = []
    for resource in kinds:
        alive = [one for one in left.objects if one.belongs_to(resource) and not one.is_over]
        if len(alive) > 1:
            faults.append(f"{resource}: {len(alive)} are open at once: {alive}")
    return faults


def doubled(left: Left, allowed: dict[str, int]) -> list[str]:
    """What went out more often than the program asked for, at any time."""
    faults = []
    told: Counter[str] = Counter()
    for one in left.objects:
        # A window of incident.io may say its text twice from the start: as its message, and as an update.
        told.update(one.texts[1:] if one.kind == "window" and one.texts[1:2] == one.texts[:1] else one.texts)
    mailed = Counter(
        str(notice["message"])
        for notice in left.notices
        if not notice["automated"] and notice["status"] not in ("changed", "deleted")
    )
    for text, most in allowed.items():
        if told[text] > most:
            faults.append(f"“{text}” is on the page {told[text]} times, {most} asked for")
        if mailed[text] > most:
            faults.append(f"“{text}” was mailed {mailed[text]} times, {most} asked for")
    faults += [f"{one.name} was completed twice" for one in left.objects if one.texts.count(COMPLETED) > 1]
    twice = [key for key, count in Counter(_entry(notice) for notice in left.notices).items() if count > 1]
    return faults + [f"one update was mailed twice: {key}" for key in twice]


def untrue(left: Left, work: dict[str, dict[str, Any]], done: dict[str, int]) -> list[str]:
    """Windows that the program completed though their work is not done. `done` is the last version by resource."""
    return [
        f"{resource}: completed, with version {done.get(resource)} of {declared['version']} done"
        for resource, declared in work.items()
        for one in left.objects
        if one.belongs_to(resource) and COMPLETED in one.texts[-1:] and done.get(resource) != declared["version"]
    ]


def unlike(left: Left, kinds: dict[str, str], declared: dict[str, dict[str, Any]]) -> list[str]:
    """Where the page is not as the program has it, after a run that ended well."""
    faults = []
    for resource in kinds:
        own = [one for one in left.objects if one.belongs_to(resource)]
        alive = [one for one in own if not one.is_over]
        if resource not in declared:
            faults += [f"{resource}: left the program and is still open: {one}" for one in alive]
            continue
        inputs = declared[resource]
        if not own:
            faults.append(f"{resource}: is not on the page")
        elif not alive:
            if kinds[resource].startswith("incident") and inputs.get("incident_status") != "resolved":
                faults.append(f"{resource}: is resolved, and declared open")
        else:
            faults += [f"{resource}: {text}" for text in _differs(alive[0], inputs, left.now)]
    return faults


def _differs(one: Seen, inputs: dict[str, Any], now: datetime) -> list[str]:
    faults = []
    if one.name != inputs["name"]:
        faults.append(f"its title is “{one.name}”, not “{inputs['name']}”")
    # A move that is told stands before the text in one entry.
    if not any(f"\n\n{text}".endswith(f"\n\n{inputs['message']}") for text in one.texts):
        faults.append(f"“{inputs['message']}” is not among {one.texts}")
    if one.kind.startswith("incident") and inputs.get("incident_status") == "resolved":
        faults.append("it is open, and declared resolved")
    if "duration" in inputs and one.end_at is not None:
        start = _moment(inputs["start_at"])
        end = start + timedelta(hours=int(inputs["duration"].removesuffix("h")))
        if end > now and _moment(one.end_at) != end:
            faults.append(f"it ends at {one.end_at}, not {end}")
        if start > now and one.status == "maintenance_scheduled" and _moment(one.start_at or one.end_at) != start:
            faults.append(f"it starts at {one.start_at}, not {start}")
    return faults


def _entry(notice: dict[str, Any]) -> tuple[Any, ...]:
    # A window of statuspage.me has no updates: what happened to it, and when, tells its notices apart.
    return notice["object_id"], notice["update_id"] or (notice["status"], notice["at"])


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
