"""Where the key, the endpoint and the clock come from.

An explicit `Provider` comes first, then the environment, then stack config. The environment wins over stack config,
because refresh and destroy see only the copy of stack config that an earlier run stored: a key that was rotated since
would not be seen. A preview needs no key.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from . import times
from .errors import SettingsError

EXPLICIT = "statuspage:explicit"
"""The key that tells an explicit `Provider`'s own config from a stack's."""

NOW = "STATUSPAGE_NOW"


@dataclass(frozen=True)
class Names:
    """What a service's settings are called: `<config>:apiKey` and `<environment>_API_KEY`, likewise the endpoint."""

    config: str
    environment: str
    endpoint: str


NAMES: Mapping[str, Names] = {
    # The vendor's own Pulumi provider uses these names too: one setting serves both.
    "incident.io": Names("incident", "INCIDENT", "https://api.incident.io"),
}


@dataclass(frozen=True)
class Settings:
    """How to reach one account of one service."""

    service: str
    endpoint: str
    api_key: str | None = field(repr=False)

    def key(self) -> str:
        """The key. Raises SettingsError, naming both settings, where there is none that can be sent."""
        names = NAMES[self.service]
        # A line break at the end is what reading a key from a file leaves.
        key = (self.api_key or "").strip()
        if key and not all("!" <= character <= "~" for character in key):
            # The HTTP library would refuse it too, and print it.
            raise SettingsError(
                f"{names.environment}_API_KEY or {names.config}:apiKey: holds a line break, a space or a letter that "
                "no key has: copy the key again"
            )
        if key:
            return key
        raise SettingsError(
            f"no API key for {self.service}: set {names.environment}_API_KEY, "
            f"or run: pulumi config set --secret {names.config}:apiKey"
        )


def read_settings(
    service: str, config: Callable[[str], str | None], environment: Mapping[str, str] = os.environ
) -> Settings:
    """The settings of `service`. Raises SettingsError for an endpoint that would send the key in the clear."""
    names = NAMES[service]
    explicit = config(EXPLICIT) is not None

    def find(key: str, variable: str) -> str | None:
        stored, given = config(f"{names.config}:{key}"), environment.get(f"{names.environment}_{variable}")
        return (stored or given) if explicit else (given or stored)

    endpoint = (find("endpoint", "ENDPOINT") or names.endpoint).strip().rstrip("/")
    fault = endpoint_fault(endpoint)
    if fault:
        # The value is not shown: it may hold a password, or the key itself where the two were mixed up.
        raise SettingsError(f"{names.environment}_ENDPOINT or {names.config}:endpoint {fault}")
    return Settings(service, endpoint, find("apiKey", "API_KEY"))


def endpoint_fault(endpoint: str) -> str | None:
    """What is wrong with an endpoint, or None. Plain http is for a server on this machine only."""
    try:
        url = urlsplit(endpoint)
        host, _ = url.hostname, url.port
    except ValueError:
        host = None
    if not host or url.scheme not in ("http", "https") or not endpoint.isprintable() or " " in endpoint:
        return 'is not a URL: write it like "https://api.incident.io"'
    if "@" in url.netloc or "?" in endpoint or "#" in endpoint:
        return "must be a bare URL: the key goes in its own setting"
    if url.scheme == "http" and not is_this_machine(host):
        return "is plain http, which would send the key readable to all: use https"
    return None


def is_this_machine(host: str) -> bool:
    """Whether a host is this machine, so that nothing sent to it passes a network."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        # A name that only begins like an address, such as 127.0.0.1.example.com, is anyone's.
        return host == "localhost"


def clock(environment: Mapping[str, str] = os.environ) -> datetime:
    """The present moment, or the one that STATUSPAGE_NOW names, to rehearse a window before its time."""
    rehearsed = environment.get(NOW)
    if not rehearsed:
        return datetime.now(times.UTC)
    try:
        return times.parse_instant(rehearsed)
    except ValueError as error:
        raise SettingsError(f"{NOW}: {error}") from None


def is_rehearsed(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the clock is STATUSPAGE_NOW's. It stands still."""
    return bool(environment.get(NOW))


def clock_notice(environment: Mapping[str, str] = os.environ) -> str | None:
    """What to tell whoever set STATUSPAGE_NOW, or None: a run with a false clock must not go unseen."""
    if not is_rehearsed(environment):
        return None
    return f"{NOW} is set: this run takes it to be {times.for_people(clock(environment))}"
