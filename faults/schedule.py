"""What happens in one schedule: made of a seed alone, so that any can be run again."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, Literal

BEGINNING = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
KINDS = {
    "window": ("StatusPageMaintenance", "incident.io"),
    "incident": ("StatusPageIncident", "incident.io"),
    "window-me": ("StatusPageMaintenance", "statuspage.me"),
    "incident-me": ("StatusPageIncident", "statuspage.me"),
}
FAULTS = ("reset_before", "reset_after", "status:503", "status:500", "garbage", "late:0", "late:2", "late:20")
PUBLISHED_AGAIN = ("start", "length", "status", "components", "triggers", "person", "work")
"""What may rightly put a text on the page once more. A new title or a choice of mails may not."""

Target = Literal["machine", "engine", "plugin", "program", "service", "service for long"]


@dataclass(frozen=True)
class Kill:
    """`target` dies at the API request `number` of a run, before or after it is carried out, `late_ms` later."""

    target: Target
    number: int
    side: Literal["before", "after"]
    late_ms: int


@dataclass(frozen=True)
class Act:
    """One thing that is done before a run: an edit of the program, or a person's of the page."""

    kind: str
    resource: str
    value: Any = None


@dataclass(frozen=True)
class Run:
    """Time passes, things are done, then a run goes well or ill."""

    pause: timedelta
    acts: tuple[Act, ...]
    command: Literal["up", "refresh", "replace"]
    faults: tuple[dict[str, Any], ...]
    kill: Kill | None


@dataclass(frozen=True)
class Schedule:
    seed: int
    resources: dict[str, str]
    """Kind by name."""
    differences: dict[str, Any]
    runs: tuple[Run, ...]
    notify: dict[str, bool] = field(default_factory=dict)
    covers: dict[str, str] = field(default_factory=dict)
    """The windows that cover a piece of work, and what happens to it outside them."""


def schedule(seed: int) -> Schedule:
    dice = random.Random(seed)
    resources = {f"r{number}": dice.choice(list(KINDS)) for number in range(dice.randint(1, 3))}
    differences = {
        "early_starts": dice.random() < 0.3,
        "rerenders_markdown": dice.random() < 0.3,
        "unknown_values": dice.random() < 0.2,
        "mails_changes": dice.random() < 0.2,
        "stale_reads": dice.choice([0, 0, 0, 1, 3]),
    }
    runs = [_run(dice, resources, first=number == 0) for number in range(dice.randint(2, 3))]
    notify = {name: dice.random() < 0.7 for name in resources}
    covers = {name: dice.choice(["start", "start", "warn"]) for name, kind in resources.items() if kind == "window"}
    covers = {name: outside for name, outside in covers.items() if dice.random() < 0.6}
    return Schedule(seed, resources, differences, tuple(runs), notify, covers)


def _run(dice: random.Random, resources: dict[str, str], *, first: bool) -> Run:
    acts = () if first else tuple(_act(dice, resources) for _ in range(dice.randint(0, 3)))
    kill = None
    if dice.random() < 0.75:
        targets: list[Target] = ["machine", "engine", "plugin", "program", "service", "service for long"]
        late = dice.choice([0, 0, 0, dice.randint(1, 400)])
        kill = Kill(dice.choice(targets), dice.randint(1, 5), dice.choice(["before", "after"]), late)
    faults = []
    if dice.random() < 0.4:
        method = dice.choice(["POST", "PUT", "PATCH", "DELETE", "GET"])
        faults = [{"kind": dice.choice(FAULTS), "method": method, "times": dice.choice([1, 1, 2])}]
    command = "up" if first else dice.choice(["up", "up", "up", "refresh", "replace"])
    pause = timedelta(minutes=dice.choice([0, 1, 40, 130, 300]))
    if command == "replace":
        # Nothing but the command asks for it: see docs/faults.md.
        faults, kill = [], None
    return Run(pause, acts, command, tuple(faults), kill)  # type: ignore[arg-type]


def _act(dice: random.Random, resources: dict[str, str]) -> Act:
    name = dice.choice(list(resources))
    person = dice.random() < 0.25
    if person:
        return Act("person", name, dice.choice(["says", "renames", "begins", "ends", "moves"]))
    kinds = ["message", "message", "name", "notify", "gone"]
    kinds += ["start", "length"] if resources[name].startswith("window") else ["status", "status"]
    if resources[name] == "window":
        kinds += ["work", "work", "work", "breaks"]
    if resources[name] in ("window", "incident"):
        kinds += ["components"]
    if resources[name].startswith("window"):
        kinds += ["triggers"]
    values = {
        "start": f"2026-03-0{dice.randint(1, 3)}T{dice.randint(14, 22)}:00:00Z",
        "length": dice.choice(["1h", "2h", "5h"]),
        "status": dice.choice(["investigating", "identified", "monitoring", "resolved"]),
        "components": dice.randint(1, 3),
        "notify": dice.random() < 0.5,
    }
    kind = dice.choice(kinds)
    return Act(kind, name, values.get(kind, dice.randint(1000, 9999)))


def _events(kind: str, notify: bool) -> bool | list[str]:
    # statuspage.me can mail when a window is announced and at no other time.
    return ["scheduled"] if notify and kind == "window-me" else notify


class Program:
    """What a program declares, and how often each of its texts may be published. Acts change it."""

    def __init__(self, schedule: Schedule, pages: dict[str, Any]) -> None:
        self._kinds = schedule.resources
        self._pages = pages
        self.declared: dict[str, dict[str, Any]] = {}
        self.work = {name: {"version": 1, "fails": False, "outside": how} for name, how in schedule.covers.items()}
        self.allowed: dict[str, int] = {}
        for name, kind in schedule.resources.items():
            service = KINDS[kind][1]
            inputs: dict[str, Any] = {
                "status_page_id": pages[service]["page"],
                "service": service,
                "name": f"{name} title",
                "message": f"{name} text 0.",
                "notify_subscribers": _events(kind, schedule.notify[name]),
            }
            if kind.startswith("window"):
                inputs |= {"start_at": "2026-03-01T17:00:00Z", "duration": "2h"}
            if kind == "window":
                inputs["affected_component_ids"] = pages[service]["components"][:1]
            self.declared[name] = inputs
            self._allow(name)
            # A window that is put in progress for its work says its message once more.
            self.allowed[inputs["message"]] += name in self.work

    def do(self, act: Act) -> None:
        inputs = self.declared.get(act.resource)
        if inputs is None:
            return
        name, kind = act.resource, self._kinds[act.resource]
        match act.kind:
            case "message":
                inputs["message"] = f"{name} text {act.value}."
            case "name":
                inputs["name"] = f"{name} title {act.value}"
            case "notify":
                inputs["notify_subscribers"] = _events(kind, act.value)
            case "gone":
                del self.declared[name]
                self.work.pop(name, None)
            case "start":
                inputs["start_at"] = act.value
            case "length":
                inputs["duration"] = act.value
            case "status":
                inputs["incident_status"] = act.value
            case "triggers":
                inputs["triggers"] = [act.value]
            case "work" if name in self.work:
                self.work[name] |= {"version": act.value, "fails": False}
            case "breaks" if name in self.work:
                self.work[name] |= {"version": act.value, "fails": True}
            case "components" if kind == "window":
                inputs["affected_component_ids"] = self._pages["incident.io"]["components"][: act.value]
            case "components":
                some = self._pages["incident.io"]["components"][: act.value]
                inputs["component_statuses"] = dict.fromkeys(some, "partial_outage")
        if act.kind == "message":
            self._allow(name)
            self.allowed[inputs["message"]] += name in self.work
        elif act.kind in PUBLISHED_AGAIN:
            self.allowed[inputs["message"]] += 1

    def replaced(self) -> None:
        """A run with `--replace`, which announces everything anew."""
        for inputs in self.declared.values():
            self.allowed[inputs["message"]] += 1

    def mend(self) -> None:
        """All work can be done again."""
        for work in self.work.values():
            work["fails"] = False

    def as_json(self) -> dict[str, Any]:
        """Resources by class and name, and the work of windows, as the program in the stack reads it."""
        classes: dict[str, dict[str, dict[str, Any]]] = {}
        for name, inputs in self.declared.items():
            classes.setdefault(KINDS[self._kinds[name]][0], {})[name] = inputs
        return {"resources": classes, "work": self.work}

    def _allow(self, name: str) -> None:
        text = self.declared[name]["message"]
        self.allowed[text] = self.allowed.get(text, 0) + 1
