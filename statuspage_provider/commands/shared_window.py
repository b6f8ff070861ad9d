"""A window that several stacks share, as their exported states tell of it: who is done, and who has to be run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..covering.participants import Mark, Part, listed, mark_in, part, stacks_in, without_organization
from .exported_state import ExportedState, StateResource


@dataclass(frozen=True)
class SharedWindow:
    """A window under which several stacks work. `marks` are those of the stacks whose states are given.

    Stacks have their full names, as far as any state knows them. Of those that are `untold` no state is given.
    """

    marks: dict[str, Mark | None]
    untold: tuple[str, ...]
    by_stack: dict[str, str]

    def part(self, state: ExportedState) -> Part | None:
        """The part of a stack whose state is given. None where it has none: it has the window for itself."""
        me = self.by_stack.get(state.stack, state.stack)
        if me not in self.marks:
            return None
        others = {name: mark for name, mark in self.marks.items() if name != me}
        return part(me, self.marks[me], others, self.untold)

    def done(self) -> dict[str, bool | None]:
        """Whether each stack is done. None where no state tells."""
        return {**{name: mark is not None for name, mark in self.marks.items()}, **dict.fromkeys(self.untold)}

    def lines(self, title: str) -> Iterator[str]:
        """Whom the window waits for, as far as can be told."""
        if waits := [name for name, mark in self.marks.items() if mark is None]:
            yield f"“{title}” waits for {listed(waits)}"
        if self.untold:
            are = "is" if len(self.untold) == 1 else "are"
            yield f"“{title}”: no state given tells whether {listed(self.untold)} {are} done"


UNSHARED = SharedWindow({}, (), {})


def shared_window(id_: str, states: Iterable[ExportedState]) -> SharedWindow:
    """What states tell of a window. Of one that is not shared nothing is told."""
    recorded = [(state.stack, state.recorded) for state in states]
    named = {without_organization(name): name for _, output in recorded for name in stacks_in(output, id_)}
    marks = {
        named.get(stack, stack): mark_in(output, id_)
        for stack, output in recorded
        if stack in named or stacks_in(output, id_)
    }
    return SharedWindow(marks, tuple(name for name in named.values() if name not in marks), named)


def found_by_others(state: ExportedState, states: Sequence[ExportedState]) -> Iterator[StateResource]:
    """The windows under which a stack works by what others say of it, and that it has not found yet: it never ran."""
    known = {window.id for window in state.windows()}
    for other in states:
        for window in other.windows():
            named = map(without_organization, stacks_in(other.recorded, window.id))
            if window.id not in known and state.stack in named:
                known.add(window.id)
                yield window
