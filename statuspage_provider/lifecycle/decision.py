"""What a change is, and what is sent for it: values that lifecycle answers with and providers carry out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ..errors import Refused
from ..inputs import Effect, IncidentInputs, Inputs, MaintenanceInputs, effects
from ..remote import Incident, Maintenance, Update, same_text
from ..state import Anchor
from ..statuses import ComponentStatuses, MaintenanceEvent
from ..times import Window
from ..unknowns import has_unknown


@dataclass(frozen=True)
class Edit:
    """A silent change of an object's name and times: nothing is published, nobody is told. It may be repeated.

    `message` is that of a window which has no timeline. None: it stays as it is.
    """

    name: str
    window: Window | None = None
    message: str | None = None


@dataclass(frozen=True)
class NewUpdate:
    """An update to publish. It cannot be taken back, so it is looked for before it is sent."""

    event: str
    message: str
    status: str | None = None
    component_statuses: ComponentStatuses | None = None
    notify_subscribers: bool = False

    def found_in(self, entries: Iterable[Update]) -> Update | None:
        """The entry that this update already became, if its answer was lost."""
        for entry in entries:
            if same_text(entry.message, self.message) and self.status in (None, entry.status) and self._tells(entry):
                return entry
        return None

    def _tells(self, entry: Update) -> bool:
        # What became operational a service may leave out of what it shows.
        wanted = {item["component_id"]: item["component_status"] for item in self.component_statuses or []}
        return all(entry.told.get(key, "operational") == status for key, status in wanted.items())


@dataclass(frozen=True)
class Announcement:
    """How a window is announced. `then` is an update that follows, with what a create cannot carry.

    `replaces` is the id of the window in whose place it comes: a service without keys must not take that for this one.
    """

    declared: MaintenanceInputs
    window: Window
    anchor: Anchor | None
    event: MaintenanceEvent
    maintenance_status: str
    notify_subscribers: bool
    then: NewUpdate | None
    says: tuple[str, ...]
    replaces: str | None = None


@dataclass(frozen=True)
class Decision:
    """What is sent, in this order, and what the user is told."""

    edit: Edit | None = None
    update: NewUpdate | None = None
    delete: bool = False
    says: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """What differs between declared and recorded, what that does, and whether it takes a new object.

    `anchor` is the start that a window keeps which is replaced before it. `follows` is the start of a window that is
    over and is followed by the next one, though nothing that is declared differs.
    """

    fields: tuple[str, ...] = ()
    effects: frozenset[Effect] = frozenset()
    replaces: tuple[str, ...] = ()
    delete_first: bool = False
    anchor: Anchor | None = None
    follows: datetime | None = None

    def __bool__(self) -> bool:
        return bool(self.fields or self.replaces)

    @property
    def is_recorded_only(self) -> bool:
        """Whether nothing of the change is sent."""
        return self.effects <= {Effect.RECORDED}

    def touches(self, *fields: str) -> bool:
        return any(field in self.fields for field in fields)

    def does(self, *wanted: Effect) -> bool:
        """Whether a change of any of these effects is in it."""
        return not self.effects.isdisjoint(wanted)


def change_of(
    declared: Inputs, fields: Iterable[str], replaces: Iterable[str], recorded_only: Iterable[str] = ()
) -> Change:
    """The change of these fields, with what each of them does. Of those that are `recorded_only` nothing is sent."""
    does = effects(type(declared))
    fields, kept = tuple(fields), tuple(recorded_only)
    effect = {does[field] for field in fields} | {Effect.RECORDED for _ in kept}
    return Change((*fields, *kept), frozenset(effect), tuple(sorted(replaces)))


def changed_fields(before: Inputs, declared: Inputs) -> list[str]:
    """The inputs that differ, in the order of declaration. An unknown value is a change.

    What only steers later runs is no difference. Times and `adopt_id` are compared by what they come to, not here.
    """
    return [
        field
        for field, effect in effects(type(declared)).items()
        if effect not in (Effect.QUIET, Effect.MOVE, Effect.ADOPT)
        and (has_unknown(getattr(declared, field)) or getattr(declared, field) != getattr(before, field))
    ]


def replacing(id_: str, before: Inputs, declared: Inputs, fields: Iterable[str]) -> list[str]:
    """The inputs whose change takes a new object. An unknown value may turn out to be the same, so it is not one."""
    does = effects(type(declared))
    found = [field for field in fields if does[field] is Effect.NEW and not has_unknown(getattr(declared, field))]
    for field in (field for field, effect in does.items() if effect is Effect.ADOPT):
        wanted = getattr(declared, field)
        if wanted not in (None, id_, getattr(before, field)) and not has_unknown(wanted):
            found.append(field)
    return found


def kept_fields(change: Change, declared: Inputs, *sent: str) -> list[str]:
    """The changed inputs, but for those `sent`, that the page would show and no longer takes."""
    does = effects(type(declared))
    return [
        field for field in change.fields if field not in sent and does[field] not in (Effect.RECORDED, Effect.ADOPT)
    ]


def refuse_stranger(declared: MaintenanceInputs | IncidentInputs, remote: Maintenance | Incident) -> None:
    """Raises Refused if a key led to an object that has neither the name nor the text that is declared.

    A run that was killed may have made it, and all of it was edited since. Or another program sends the same key.
    """
    if declared.name == remote.name or any(same_text(declared.message, each.message) for each in remote.updates):
        return
    raise Refused(
        f"idempotency_key: already used by “{remote.name}”, {remote.id}, which is on the page and has neither "
        f"this name nor this message. Nothing was posted. If “{declared.name}” is the same, set "
        f'adopt_id="{remote.id}"; if not, set an idempotency_key of its own'
    )


def shown_status(declared: str, remote: str, order: tuple[str, ...]) -> str:
    # An object that is taken over is moved forwards only: further on than declared, it was moved there on purpose.
    return remote if order.index(declared) > order.index(remote) else declared
