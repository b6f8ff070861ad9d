"""The window as the program holds it: what is recorded of it, its account, where its lines are shown."""

from __future__ import annotations

from typing import Any, cast

import pulumi
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.settings import get_monitor

from ..errors import Refused
from ..inputs import MaintenanceInputs
from ..provider import settings_of
from ..services.capabilities import connect
from ..services.protocols import IncidentService, MaintenanceService
from ..state import MaintenanceState
from ..unknowns import has_unknown
from . import invocation
from .invocation import Invocation
from .threads import in_a_thread


class Announced:
    """The window as the program holds it: what is recorded of it, its account, and where lines of it are shown."""

    def __init__(self, window: pulumi.CustomResource, id_: pulumi.Input[str] | None = None) -> None:
        """`id_` is that of a window which the program only finds: in a preview an older engine does not tell it."""
        self._window = window
        self._id = id_

    async def is_real(self) -> bool:
        """Whether it was announced. A program under a test's mocks has no engine, and announces nothing."""
        if isinstance(get_monitor(), MockMonitor):
            return False
        return await cast(Any, self._window).phase.future() is not None

    async def recorded(self) -> tuple[str, MaintenanceState]:
        """Its id, and the window as this run left it in state. Raises Refused where nothing is known of it yet."""
        names = [*MaintenanceInputs.model_fields, *MaintenanceState.model_fields]
        outputs = {name: getattr(self._window, name, None) for name in names}
        given = {name: value for name, value in outputs.items() if isinstance(value, pulumi.Output)}
        props = await pulumi.Output.all(**given).future(with_unknowns=True)
        # In a preview an output that says nothing is not known.
        known = {key: value for key, value in (props or {}).items() if value is not None and not has_unknown(value)}
        recorded = MaintenanceState.from_props(known)
        id_ = await self._window.id.future()
        if id_ is None and self._id is not None:
            id_ = await pulumi.Output.from_input(self._id).future()
        if id_ is None:
            raise Refused("the window's id is not known yet")
        return str(id_), recorded

    async def maintenances(self, service: str) -> MaintenanceService:
        return connect(await settings_of(self._window, service), "maintenances")

    async def incidents(self, service: str) -> IncidentService:
        return connect(await settings_of(self._window, service), "incidents")

    async def asked(self) -> Invocation:
        """What the run was asked to do."""
        stack = pulumi.get_stack()
        return await in_a_thread(lambda: invocation.look(stack))

    def warn(self, line: str) -> None:
        pulumi.log.warn(line, resource=self._window)

    def info(self, line: str) -> None:
        pulumi.log.info(line, resource=self._window)
