"""One window, several stacks: which of them are done, and which of them completes it. Pure functions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

from ..display import moment
from ..errors import Refused
from ..remote import Maintenance

OUTPUT = "statuspage"
"""The stack output in which each stack records what it has done, by the ids of windows."""


@dataclass(frozen=True)
class Mark:
    """That a stack has done its work in a window: since when, and whether anything was changed for it.

    `deletes` is whether the stack guards deletions: those come after the mark, which does not wait for them.
    """

    at: str
    changed: bool
    deletes: bool = False


@dataclass(frozen=True)
class RunState:
    """How a run stands to a window once all that the program declares has settled.

    `inside` is whether the window is open, `changed` whether the run changed anything in it, `failed` whether a covered
    change did not succeed. `why_not` is why the run may not have done all of the work.
    """

    inside: bool
    changed: bool
    failed: bool
    why_not: str | None


@dataclass(frozen=True)
class Part:
    """Whether a stack has to be run in a window that is open, and why that is not simply so."""

    to_run: bool
    why: str = ""


@dataclass(frozen=True)
class Ending:
    """Whether this run completes the window, and what is said where it does not."""

    completes: bool
    why_not: str = ""


def full_names(stacks: object) -> tuple[str, ...]:
    """The stacks that work under a window, each once. Raises Refused for what is no list of full names."""
    example = 'name every stack in full, such as ["organization/database/prod", "organization/app/prod"]'
    if not isinstance(stacks, (list, tuple)):
        raise Refused(f"complete_after: stacks must be a list of texts: {example}")
    if not stacks:
        raise Refused(f"complete_after: stacks must not be empty: {example}, or leave it out")
    for name in stacks:
        if not isinstance(name, str):
            raise Refused(f"complete_after: stacks must hold texts, and a {type(name).__name__} is none: {example}")
        parts = name.split("/")
        if len(parts) != 3 or not all(part and part == part.strip() for part in parts):
            raise Refused(f'complete_after: stacks: "{name}" is not of the form organization/project/stack: {example}')
    return tuple(dict.fromkeys(stacks))


def without_organization(name: str) -> str:
    """The project and the stack of a full name: all that an exported state knows of its own."""
    return name.partition("/")[2]


def entry(stacks: Iterable[str], mark: Mark | None, mails: Sequence[str] = ()) -> dict[str, Any]:
    """What a stack's output says of one window. `mails` are the events of which the stack mails subscribers."""
    done = {} if mark is None else {"done_at": mark.at, "changed": mark.changed, "guards_deletions": mark.deletes}
    return {"stacks": list(stacks), **({"mails": list(mails)} if mails else {}), **done}


def mark_in(output: object, window: str) -> Mark | None:
    """The mark of a window in a stack's output, which anyone may have written."""
    found = _entry_in(output, window)
    at, changed, deletes = (found.get(key) for key in ("done_at", "changed", "guards_deletions"))
    if not isinstance(at, str) or not isinstance(changed, bool):
        return None
    # Where that is unclear, deletions may be under way.
    return Mark(at, changed, deletes is not False)


def stacks_in(output: object, window: str) -> list[str]:
    """The stacks that work under a window, as a stack's output names them."""
    return _texts(_entry_in(output, window).get("stacks"))


def mails_in(output: object, window: str) -> list[str]:
    """The events of which the stack that has the window mails subscribers. Those that `get` it do not know them."""
    return _texts(_entry_in(output, window).get("mails"))


def _texts(found: object) -> list[str]:
    return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []


def _entry_in(output: object, window: str) -> Mapping[str, Any]:
    found = output.get(window) if isinstance(output, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def marked(before: Mark | None, stands: RunState, at: str, deletes: bool) -> Mark | None:
    """The mark that a run leaves. Only one inside the window that did all of its work makes a new one."""
    if not stands.inside:
        return before
    if stands.failed:
        # What was done before is no longer what the program asks for.
        return None
    if stands.why_not is not None:
        return before
    if before is not None and not stands.changed:
        return replace(before, deletes=deletes)
    return Mark(at, stands.changed, deletes)


def ending(
    me: str, own: Mark, is_new: bool, others: Mapping[str, Mark | None], unread: Mapping[str, str] | None = None
) -> Ending:
    """Whether this run completes the window: each stack is done, and no other run may come to the same answer.

    `others` are the other stacks' marks, read before this run's own is written: so of two runs that make a new mark, at
    most one sees the other's. Runs that only repeat theirs leave it to the stack that was last. `unread` says what kept
    a stack from being read.
    """
    still: list[str] = []
    if missing := sorted(name for name, mark in others.items() if mark is None):
        are = "has" if len(missing) == 1 else "have"
        still.append(f"{listed(missing)} {are} not done the work in it yet. The last to be done completes it")
    for name, why in sorted((unread or {}).items()):
        still.append(f"{name} cannot be read ({why}): check its name in stacks")
    if still:
        return Ending(False, ". ".join(still))
    marks = {name: mark for name, mark in others.items() if mark is not None} | {me: own}
    if not any(mark.changed for mark in marks.values()):
        # Nobody has worked yet: whoever comes with a change will need the window.
        return Ending(False)
    if guarding := sorted(name for name, mark in marks.items() if mark.deletes and name != me):
        if own.deletes or len(guarding) > 1:
            all_ = [*guarding, me] if own.deletes else guarding
            return Ending(False, f"{listed(all_)} guard deletions, and none sees the end of the others'")
        return Ending(False, f"{guarding[0]} may still be deleting: its next run completes it")
    last = max(marks, key=lambda name: (marks[name].at, name))
    if not is_new and not own.deletes and last != me:
        return Ending(False, f"{last} was the last to be done: its next run completes it")
    return Ending(True)


def part(me: str, own: Mark | None, others: Mapping[str, Mark | None], untold: Collection[str] = ()) -> Part:
    """Whether a stack has to be run: it is not done, or its next run is the one that completes the window.

    `untold` are the stacks of which nothing is known here.
    """
    if own is None:
        return Part(True)
    if None in others.values():
        return Part(False, f"{me} is done in it")
    if untold:
        # Whether the others are done only its run can ask.
        why = f"{me} is done in it, and guards deletions: its next run may complete it" if own.deletes else ""
        return Part(own.deletes, why or f"{me} is done in it")
    answer = ending(me, own, False, others)
    if answer.completes:
        return Part(True, f"every stack is done in it, and the next run of {me} completes it")
    return Part(False, answer.why_not or "every stack is done in it, and none had anything to change")


def left_open(remote: Maintenance, why: str, local: tzinfo | None = None) -> str:
    """The line that says why a window of several stacks was left open."""
    line = f"“{remote.name}” stays open: {why}"
    if remote.automate_maintenance_status and remote.window is not None:
        line = f"{line}. The service ends it {moment(remote.window[1], local)} at the latest"
    return line


def listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
