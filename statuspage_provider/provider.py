"""Settings on the program's side: the explicit provider, for programs that use several accounts, and stack config."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache

import pulumi
from pulumi.runtime import get_config_secret_keys_env, is_config_secret

from .errors import SettingsError
from .services.capabilities import CAPABILITIES, DEFAULT_SERVICE, service_fault
from .services.settings import EXPLICIT, Settings, endpoint_fault, read_settings
from .statuses import IncidentStatus, Service


class Provider(pulumi.ProviderResource):
    """The settings of one account, to be passed as `ResourceOptions(provider=…)`.

        eu = statuspage.Provider("eu", api_key=config.require_secret("euKey"))
        statuspage.StatusPageMaintenance(…, opts=pulumi.ResourceOptions(provider=eu))

    Its settings win over the environment. What it leaves out is looked up there, and not in stack config, which the
    engine does not give to an explicit provider.

    `api_key`: the account's key (str or Output[str]); it is stored in the stack's state, encrypted. Default: none.
    `endpoint`: the API's base URL (str or Output[str]). Default: the service's own. Plain http is refused with
    SettingsError, unless the host is this machine.
    `service`: which service the account is with, "incident.io" (default) or "statuspage.me".
    `incident_states`: the account's own ids of the states investigating, identified, monitoring and resolved, by
    status (statuspage.me). What is left out keeps its id. Default: "1" to "4".
    """

    def __init__(
        self,
        resource_name: str,
        *,
        api_key: pulumi.Input[str] | None = None,
        endpoint: pulumi.Input[str] | None = None,
        service: Service = "incident.io",
        incident_states: Mapping[IncidentStatus, str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        if fault := service_fault(service):
            raise SettingsError(f"service: {fault}")
        if isinstance(endpoint, str) and (fault := endpoint_fault(endpoint)):
            raise SettingsError(f"endpoint {fault}")
        names = CAPABILITIES[service].names
        if incident_states is not None and not names.incident_states:
            raise SettingsError(f"incident_states: {service} has no state ids: remove it")
        props: dict[str, pulumi.Input[str] | None] = {
            EXPLICIT: service,
            f"{names.config}:apiKey": None if api_key is None else pulumi.Output.secret(api_key),
            f"{names.config}:endpoint": endpoint,
            f"{names.config}:incidentStates": None if incident_states is None else json.dumps(dict(incident_states)),
        }
        self._props = props
        # The resources are dynamic ones, so the plugin that serves them is the SDK's own.
        super().__init__("pulumi-python", resource_name, {k: v for k, v in props.items() if v is not None}, opts)


def program_settings(service: str = DEFAULT_SERVICE) -> Settings:
    """The settings that the program's own process finds: the environment, then stack config."""
    warn_of_plain_key()

    def config(key: str) -> str | None:
        namespace, _, name = key.partition(":")
        return pulumi.Config(namespace).get(name)

    return read_settings(CAPABILITIES[service].names, config)


def warn_of_plain_key() -> None:
    """Warn about a key that stack config holds unencrypted, even if the environment has another one.

    Only the program knows that: the engine gives a provider each setting as plain text, and copies it into the state.
    """
    for able in CAPABILITIES.values():
        namespace = able.names.config
        setting = f"{namespace}:apiKey"
        # In a thread of the program's own, the SDK knows only what the environment says.
        secret = is_config_secret(setting) or setting in get_config_secret_keys_env()
        if not secret and pulumi.Config(namespace).get("apiKey"):
            _warn_of_plain(setting, pulumi.get_project(), pulumi.get_stack())


@lru_cache(maxsize=256)
def _warn_of_plain(setting: str, project: str, stack: str) -> None:
    # Once for a stack and process, however many resources it has.
    pulumi.log.warn(
        f"{setting} is set as plain text, so the key is readable in the stack's settings, state, history and exports. "
        f"Run: pulumi config set --secret {setting}. If others can read these, create a new key"
    )


async def settings_of(resource: pulumi.Resource, service: str) -> Settings:
    """The settings that a resource's own provider uses, for what the program itself does for the resource."""
    provider = resource._provider
    if not isinstance(provider, Provider):
        return program_settings(service)
    props = await pulumi.Output.all(**{k: v for k, v in provider._props.items() if v is not None}).future()
    return read_settings(CAPABILITIES[service].names, (props or {}).get)
