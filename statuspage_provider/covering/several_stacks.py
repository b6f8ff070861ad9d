"""A window that several stacks work under: each records that it is done, and the last of them completes it."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pulumi

from .. import times
from ..errors import Refused, StatusPageError
from . import participants
from .participants import Mark, RunState
from .session import Session
from .stack_outputs import recorded_in


class SeveralStacks:
    """The window of several stacks, in the run of one of them."""

    def __init__(
        self,
        session: Session,
        stacks: tuple[str, ...],
        *,
        unknown: Callable[[], Awaitable[list[str]]],
        guards_deletions: bool,
        read: Callable[[str], Awaitable[Any]] = recorded_in,
        me: str | None = None,
    ) -> None:
        self._me = me or f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
        self._session = session
        self._stacks = stacks
        self._unknown = unknown
        self._guards_deletions = guards_deletions
        self._read = read
        self._window = ""
        self._own: Mark | None = None
        self._is_new = False
        self._others: dict[str, Mark | None] = {}
        self._unread: dict[str, str] = {}
        self._outputs: dict[str, Any] = {}
        session.others_mail = self._others_mail

    async def record(self) -> dict[str, Any]:
        """What the stack's output says of the window from now on. A preview says what it says already."""
        try:
            if not await self._session.is_announced():
                return {}
            self._window = await self._session.window_id()
        except StatusPageError:
            # A preview may not know the window yet.
            return {}
        before = await self._before()
        self._own = before
        if not pulumi.runtime.is_dry_run():
            stands = await self._stands()
            at = times.format_instant(self._session.now())
            self._own = participants.marked(before, stands, at, self._guards_deletions)
            self._is_new = self._own is not None and (before is None or (stands.changed and stands.why_not is None))
            if self._own is not None and stands.inside:
                # Before this run's own mark is written: two that end at once may then each leave it to the other, but
                # never both complete the window.
                await self._ask_others()
        return {self._window: participants.entry(self._stacks, self._own, await self._session.mails())}

    async def finish(self, message: str | None) -> None:
        """Complete the window if each stack is done, this one's deletions included."""
        if not self._window:
            return
        stands = await self._stands()
        if not stands.inside:
            return
        if stands.why_not is not None:
            await self._session.leave_open(stands.why_not)
        elif self._own is not None:
            own = replace(self._own, changed=self._own.changed or stands.changed)
            answer = participants.ending(self._me, own, self._is_new, self._others, self._unread)
            if answer.completes:
                await self._session.complete_for_all(message)
            elif answer.why_not:
                await self._session.leave_to_others(answer.why_not, is_fault=bool(self._unread))

    async def _stands(self) -> RunState:
        return await self._session.stands(await self._unknown())

    async def _before(self) -> Mark | None:
        try:
            return participants.mark_in(await self._read(self._me), self._window)
        except Refused as error:
            self._session.warn(f"What {self._me} recorded before cannot be read ({error}): run it again inside")
            return None

    async def _others_mail(self, event: str) -> bool:
        """Whether the stack that has the window mails subscribers of an event: one that gets it is not told."""
        window = await self._session.window_id()
        for name in self._named():
            # Where that cannot be read, nobody is mailed.
            with contextlib.suppress(Refused):
                if name not in self._outputs:
                    self._outputs[name] = await self._read(name)
                if event in participants.mails_in(self._outputs[name], window):
                    return True
        return False

    def _named(self) -> list[str]:
        return [name for name in self._stacks if name != self._me]

    async def _ask_others(self) -> None:
        for name in self._named():
            try:
                # The end is told when the engine answers no more, so whom it mails is known from here.
                output = self._outputs[name] = await self._read(name)
                self._others[name] = participants.mark_in(output, self._window)
            except Refused as error:
                self._unread[name] = str(error)
