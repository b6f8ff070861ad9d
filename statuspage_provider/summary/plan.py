"""What `pulumi preview --json` printed, as plain steps. No I/O.

It is read leniently: text around the JSON, several documents, a preview that failed half-way and keys of another
version are all fine. What a preview cannot know yet comes as pulumi's own `Unknown`, as a provider is given it.

A plan may come from a stranger. So there is an end to its length, its depth and its objects, the time it takes grows
with its length alone, and of our own objects nothing is taken for what it is not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pulumi.output import Unknown
from pulumi.runtime.rpc import UNKNOWN

from ..covering.hook_names import Covering, read_hook_name, read_names
from ..engine_formats import INCIDENT, PAST, SECRET_MARK, SPECIAL, WINDOW, name_of
from ..errors import Refused

SECRET = "[secret]"
"""What the engine prints in the place of a secret."""

OURS = (WINDOW, INCIDENT, PAST)

LIMIT = 64_000_000
"""How many characters a plan may have. A stack of a thousand resources takes a few millions."""

MOST = 1_000
"""How many windows and incidents one summary can be of."""

DEEPEST = 64
"""How deep lists and maps of an object of ours may lie in each other."""

CHANGING = frozenset({"create", "update", "replace", "delete"})
"""The steps around which the engine calls hooks: at a deletion only those that guard deletions."""


@dataclass(frozen=True, eq=False)
class Step:
    """What the engine wants to do with one resource. Each is one of its own, so that what is read of it can be kept."""

    op: str
    urn: str
    type: str = ""
    id: str = ""
    old_inputs: Mapping[str, Any] = field(default_factory=dict)
    recorded: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    hooks: Sequence[str] = ()
    dependencies: Sequence[str] = ()
    changed: Sequence[str] = ()
    replaces: Sequence[str] = ()
    delete_first: bool = False
    retained: bool = False
    external: bool = False

    @property
    def name(self) -> str:
        """The resource's name in the program."""
        return name_of(self.urn)

    @property
    def is_ours(self) -> bool:
        return self.type in OURS and not self.external

    @property
    def covering(self) -> Covering | None:
        """What covers the resource, if anything does."""
        return next((covering for covering in map(read_hook_name, self.hooks) if covering is not None), None)


@dataclass(frozen=True)
class Plan:
    """The steps in the engine's order, and what the preview said."""

    steps: tuple[Step, ...] = ()
    errors: tuple[str, ...] = ()
    """Why the preview failed, a line for each reason. None: it came to its end."""
    notes: tuple[tuple[str, str], ...] = ()
    """What the preview told of a resource: (URN, line)."""

    @property
    def failed(self) -> bool:
        return bool(self.errors)

    @property
    def component_names(self) -> dict[str, str]:
        """The names of components, by id, as the program looked them up in this preview."""
        hooks = [hook for step in self.steps if step.type in OURS for hook in step.hooks]
        return {id_: _text(name) for hook in hooks for id_, name in read_names(hook).items()}


def read_plan(text: str) -> Plan:
    """The plan in what a preview printed: one that failed, as far as it came. Raises Refused, with one line, for what
    no preview prints."""
    if len(text) > LIMIT:
        raise Refused(f"this preview cannot be read: it is longer than {LIMIT} characters")
    if text.strip() in ("", "{}"):
        return Plan(errors=("it printed nothing: standard error of pulumi preview says why",))
    documents = [found for found in _documents(text) if found is None or _KEYS & set(found)]
    if not documents:
        raise Refused("not a preview: pass what `pulumi preview --json` prints")
    steps: list[Step] = []
    errors: list[str] = []
    notes: list[tuple[str, str]] = []
    for document in documents:
        if document is None:
            errors.append("what it printed is cut off: it was killed, or its output was not kept whole")
            continue
        steps += [_step(item) for item in _list(document.get("steps")) if isinstance(item, Mapping)]
        for item in _list(document.get("diagnostics")):
            if not isinstance(item, Mapping):
                continue
            line, urn = _text(item.get("message")), _text(item.get("urn"))
            if item.get("severity") == "error":
                errors.append(_fault(line, urn))
            elif urn and item.get("severity") in ("info", "warning"):
                notes.append((urn, " ".join(line.split())))
        if not errors and not {"changeSummary", "duration"} & set(document):
            # Such as where a policy pack does not start.
            errors.append("it ended without a result: standard error of pulumi preview says why")
    if sum(step.is_ours for step in steps) > MOST:
        raise Refused(f"this preview has more than {MOST} windows and incidents: nobody could read a summary of it")
    return Plan(tuple(steps), _reasons(errors), tuple(dict.fromkeys(notes)))


_KEYS = {"steps", "diagnostics", "changeSummary"}
"""Each preview has one of these at the least."""

_BEGINNING = re.compile(r'\{\s*"(?:config|steps|diagnostics|duration|changeSummary)"')
"""How a preview begins: one that cannot be read to its end is none the less."""


def _reasons(errors: Sequence[str]) -> tuple[str, ...]:
    """Each error once. The engine's last word alone is what it says of policies, whose own lines are not in a plan."""
    reasons = tuple(line for line in dict.fromkeys(errors) if line != "preview failed")
    if errors and not reasons:
        return ("it says no more, as where a policy refuses: pulumi preview without --json shows the policy",)
    return reasons


# At the beginning of a line, or after another document.
_OPENING = re.compile(r"^[^\S\n]*\{|(?<=\})\s*\{", re.MULTILINE)


_MOST_OTHERS = 1_000
"""How many openings of what is no JSON there may be: each costs a look at all that comes before it."""


def _documents(text: str) -> Iterator[Mapping[str, Any] | None]:
    """Every JSON object that stands at the beginning of a line, or follows another. None: a preview without its end."""
    decoder, at, others = json.JSONDecoder(), 0, 0
    while (match := _OPENING.search(text, at)) is not None:
        try:
            document, at = decoder.raw_decode(text, match.end() - 1)
        except json.JSONDecodeError as error:
            # What was read once is not read again: text that is made for it would take for ever.
            at, others = max(error.pos, match.end()), others + 1
            if others > _MOST_OTHERS:
                raise Refused("this preview cannot be read: there is too much text around it") from None
            if _BEGINNING.match(text, match.end() - 1):
                yield None
            continue
        except (ValueError, RecursionError):
            # A number of thousands of digits; lists within lists.
            raise Refused("this preview cannot be read: its JSON does not end") from None
        yield document


def _step(item: Mapping[str, Any]) -> Step:
    old, new = _map(item.get("oldState")), _map(item.get("newState"))
    state = new or old
    hooks = _map(state.get("resourceHooks"))
    if item.get("op") == "delete":
        # The others are of the changes that came before.
        hooks = {kind: names for kind, names in hooks.items() if kind in ("BeforeDelete", "AfterDelete")}
    changed = [*_list(item.get("diffReasons")), *_map(item.get("detailedDiff"))]
    step = Step(
        op=_text(item.get("op")),
        urn=_text(item.get("urn")),
        type=_text(state.get("type")),
        id=_text(old.get("id") or new.get("id")),
        hooks=tuple(dict.fromkeys(_text(name) for names in hooks.values() for name in _list(names))),
        dependencies=tuple(_text(urn) for urn in _list(state.get("dependencies"))),
        changed=tuple(dict.fromkeys(re.split(r"[.\[]", _text(reason))[0] for reason in changed)),
        replaces=tuple(_text(reason) for reason in _list(item.get("replaceReasons"))),
        delete_first=bool(old.get("pendingReplacement")),
        retained=bool(old.get("retainOnDelete")),
        external=bool(state.get("external")),
    )
    if not step.is_ours:
        # Of other resources only that they change is told.
        return step
    try:
        return replace(
            step,
            old_inputs=_map(_known(old.get("inputs"))),
            recorded=_map(_known(old.get("outputs"))),
            inputs=_map(_known(new.get("inputs"))),
        )
    except _TooDeep:
        raise Refused(
            f"{step.name}: cannot be read: its lists and maps are nested more than {DEEPEST} levels deep"
        ) from None


class _TooDeep(Exception):
    pass


def _known(value: Any, depth: int = 0) -> Any:
    """The value with what is unknown, and what is secret, said in one way each."""
    if depth > DEEPEST:
        raise _TooDeep
    if isinstance(value, str):
        return Unknown() if value == UNKNOWN else _text(value)  # type: ignore[no-untyped-call]
    if isinstance(value, Mapping):
        if value.get(SPECIAL) == SECRET_MARK:
            return SECRET
        return {_text(key): _known(item, depth + 1) for key, item in value.items() if key != "__provider"}
    return [_known(item, depth + 1) for item in value] if isinstance(value, list) else value


def _text(value: Any) -> str:
    """A text as it can be written: JSON may hold halves of characters."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def _fault(message: str, urn: str) -> str:
    """An error as one line. The engine quotes the value that was refused; it may be a secret, so it is left out."""
    *quoted, message = message.split("} has a problem: ")
    message = "".join(_unquoted(part) for part in quoted) + message
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    if any(line.startswith("Traceback") for line in lines):
        lines = lines[-1:]
    line = " ".join(lines).removeprefix("error: ")
    line = re.sub(r"^\S+ resource '(.*?)': ", r"\1: ", line)
    return line if not urn or line.startswith(name_of(urn)) else f"{name_of(urn)}: {line}"


def _unquoted(part: str) -> str:
    """`property message value {…` without the value, which ends the part."""
    found = re.search(r"property (\S+) value \{", part)
    return f"{part}}} has a problem: " if found is None else f"{part[: found.start()]}{found[1]}: "


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else []
