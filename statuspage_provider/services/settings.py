"""Where the key, the endpoint and the clock come from.

An explicit `Provider` comes first, then the environment, then stack config. The environment wins over stack config,
because refresh and destroy see only the copy of stack config that an earlier run stored: a key that was rotated since
would not be seen. A preview needs no key.
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlsplit

from ..errors import SettingsError

Config = Callable[[str], str | None]
"""What is set by a key, or None."""

EXPLICIT = "statuspage:explicit"
"""The key that tells an explicit `Provider`'s own config from a stack's. Its value is the service."""


@dataclass(frozen=True)
class SettingNames:
    """What a service's settings are called: `<config>:apiKey` and `<environment>_API_KEY`, likewise the others.

    `incident_states` are the service's own ids of an incident's states, for a service that has ids.
    """

    service: str
    config: str
    environment: str
    endpoint: str
    incident_states: tuple[tuple[str, str], ...] = ()

    def setting(self, key: str) -> str:
        """Both names of a setting, for a line to the user."""
        return f"{self.variable(key)} or {self.config}:{key}"

    def variable(self, key: str) -> str:
        words = re.sub("([A-Z])", r"_\1", key)
        return f"{self.environment}_{words.upper()}"


@dataclass(frozen=True)
class Settings:
    """How to reach one account of one service. `incident_states` are pairs of status and id."""

    names: SettingNames
    endpoint: str
    api_key: str | None = field(repr=False)
    incident_states: tuple[tuple[str, str], ...] = ()

    @property
    def service(self) -> str:
        return self.names.service

    def key(self) -> str:
        """The key. Raises SettingsError, naming both settings, if there is none that can be sent."""
        # A line break at the end is what reading a key from a file leaves.
        key = (self.api_key or "").strip()
        if key and not all("!" <= character <= "~" for character in key):
            # The HTTP library would refuse it too, and print it.
            raise SettingsError(
                f"{self.names.setting('apiKey')}: contains a line break, a space or a character that no key has: "
                "copy the key again"
            )
        if key:
            return key
        raise SettingsError(
            f"no API key for {self.service}: set {self.names.variable('apiKey')}, "
            f"or run: pulumi config set --secret {self.names.config}:apiKey"
        )


def no_config(key: str) -> str | None:
    """Config that has nothing."""
    return None


def read_settings(
    names: SettingNames, config: Config = no_config, environment: Mapping[str, str] = os.environ
) -> Settings:
    """The settings of a service; without `config`, those of the environment alone.

    Raises SettingsError for an endpoint that would send the key in the clear, and for states that cannot be read.
    """
    explicit = config(EXPLICIT) is not None

    def find(key: str) -> str | None:
        stored, given = config(f"{names.config}:{key}"), environment.get(names.variable(key))
        return (stored or given) if explicit else (given or stored)

    endpoint = (find("endpoint") or names.endpoint).strip().rstrip("/")
    fault = endpoint_fault(endpoint)
    if fault:
        # The value is not shown: it may hold a password, or the key itself where the two were mixed up.
        raise SettingsError(f"{names.setting('endpoint')} {fault}")
    given = find("incidentStates") if names.incident_states else None
    states = _states(names, given) if given else names.incident_states
    return Settings(names, endpoint, find("apiKey"), states)


def _states(names: SettingNames, text: str) -> tuple[tuple[str, str], ...]:
    states = dict(names.incident_states)
    try:
        given = {status: str(id_) for status, id_ in json.loads(text).items()}
    except (ValueError, AttributeError):
        given = {"": ""}
    states |= given
    if set(states) != set(dict(names.incident_states)) or len(set(states.values())) < len(states):
        example = json.dumps(dict(names.incident_states))
        raise SettingsError(
            f"{names.setting('incidentStates')} must map each status to an id of its own, like {example}"
        )
    return tuple(states.items())


@cache
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
        return "is plain http, which would send the key unencrypted: use https"
    return None


def is_this_machine(host: str) -> bool:
    """Whether a host is this machine, so that nothing sent to it passes a network."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        # A name that only begins like an address, such as 127.0.0.1.example.com, is anyone's.
        return host == "localhost"
