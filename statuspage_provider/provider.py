"""The explicit provider: one account of a service, for programs that use several."""

from __future__ import annotations

import pulumi

from .errors import SettingsError
from .settings import EXPLICIT, NAMES, endpoint_fault


class Provider(pulumi.ProviderResource):
    """The settings of one account, to be given as `ResourceOptions(provider=…)`.

        eu = statuspage.Provider("eu", api_key=config.require_secret("euKey"))
        statuspage.StatusPageMaintenance(…, opts=pulumi.ResourceOptions(provider=eu))

    Its settings win over the environment. What it leaves out is looked up there, and not in stack config, which the
    engine does not give to an explicit provider.

    `api_key`: the account's key (str or Output[str]); it is stored in the stack's state, encrypted. Default: none.
    `endpoint`: the API's base URL (str or Output[str]). Default: the service's own. Plain http is refused with
    SettingsError, unless the host is this machine.
    `service`: which service the account is with. Default `incident.io`.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        api_key: pulumi.Input[str] | None = None,
        endpoint: pulumi.Input[str] | None = None,
        service: str = "incident.io",
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        if service not in NAMES:
            raise SettingsError(f'service: "{service}" is not one of {", ".join(NAMES)}')
        if isinstance(endpoint, str) and (fault := endpoint_fault(endpoint)):
            raise SettingsError(f"endpoint {fault}")
        namespace = NAMES[service].config
        props: dict[str, pulumi.Input[str] | None] = {
            EXPLICIT: "true",
            f"{namespace}:apiKey": None if api_key is None else pulumi.Output.secret(api_key),
            f"{namespace}:endpoint": endpoint,
        }
        # The resources are dynamic ones, so the plugin that serves them is the SDK's own.
        super().__init__("pulumi-python", resource_name, {k: v for k, v in props.items() if v is not None}, opts)
