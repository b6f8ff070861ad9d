"""The accounts that windows are on, as the environment's keys open them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..services.capabilities import CAPABILITIES, DEFAULT_SERVICE, connect, refuse_newer
from ..services.protocols import MaintenanceService
from ..services.settings import read_settings

Accounts = Mapping[str, MaintenanceService | None]
"""The windows of an account, by service. None where there is no key to ask with."""


def account_of(service: str, accounts: Accounts) -> MaintenanceService | None:
    """The account that a window is on; None without a key. Raises Refused for a service that is not known."""
    refuse_newer(service)
    return accounts.get(service)


def open_accounts(services: Iterable[str], *, may_lack_keys: bool = False) -> Accounts:
    """Open the account of each service, or of the default one where none is named. One that is not known has none.

    What is wrong with a setting is told at once, not first when a window opens. Raises SettingsError.
    """
    opened: dict[str, MaintenanceService | None] = {}
    for name in sorted(set(services)) or [DEFAULT_SERVICE]:
        if name not in CAPABILITIES:
            continue
        settings = read_settings(CAPABILITIES[name].names)
        lacks_key = may_lack_keys and not (settings.api_key or "").strip()
        opened[name] = None if lacks_key else connect(settings, "maintenances")
    return opened
