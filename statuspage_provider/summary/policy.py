"""The same rules as a pack of Pulumi policies. Needs the extra `policy`.

A policy sees resources and not what becomes of them. So it judges only the times of windows that are not over:
`longest_window`, `weekdays`, `hours` and `freeze`. How early a window is announced, overlaps and coverage are for the
summary.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .. import clock
from ..engine_formats import WINDOW
from ..errors import Refused, show_errors_on_one_line
from ..inputs import MaintenanceInputs
from ..lifecycle.planned import resolve
from .rules import Breach, Rules, of_window, parse_rules

_JUDGED = ("longest_window", "time_zone", "weekdays", "hours", "freeze")

_TIMES = ("time_zone", "start_at", "duration", "end_at")

# What else a window must have, and no rule looks at.
_REST: Mapping[str, Any] = {
    **dict.fromkeys(("status_page_id", "name", "message", "idempotency_key"), "-"),
    "affected_component_ids": ["-"],
}


def judge(rules: Rules, name: str, props: Mapping[str, Any], now: datetime) -> list[Breach]:
    """The rules that a declared window breaks, if it is not over.

    Only the times are looked at, and they are texts. pulumi-policy gives lists and maps as objects of its own, which
    are no data for a model, and raises its own error when a value that a preview does not know is touched. So a
    message that is not known yet keeps no window from being judged, and of a start that is not, Pulumi says it.
    """
    given = {key: props[key] for key in _TIMES if key in props}
    window, _ = resolve(MaintenanceInputs.model_validate({**_REST, **given}), None, now)
    return list(of_window(rules, name, window)) if window[1] > now else []


def policies(table: Mapping[str, Any]) -> list[Any]:
    """One mandatory policy for the rules in `table`.

    Raises Refused, in one line, for what is not a rule, and for one that a policy cannot judge: it would be taken
    to hold.
    """
    try:
        from pulumi_policy import EnforcementLevel, ResourceValidationPolicy
    except ModuleNotFoundError:
        raise Refused("policies need one more package: pip install 'statuspage-provider[policy]'") from None

    show_errors_on_one_line()
    rules = parse_rules(table)
    if others := [name for name in table if name not in _JUDGED]:
        raise Refused(f"{', '.join(others)}: only `statuspage summary` can judge this: leave it out of the pack")

    def validate(args: Any, report: Any) -> None:
        if args.resource_type == WINDOW:
            for breach in judge(rules, args.name, args.props, clock.now()):
                report(str(breach))

    policy = ResourceValidationPolicy(
        name="maintenance-windows",
        description="Maintenance windows follow the organisation's rules.",
        validate=validate,
        enforcement_level=EnforcementLevel.MANDATORY,
    )
    return [policy]


def policy_pack(table: Mapping[str, Any], name: str = "statuspage") -> Any:
    """A pack of those policies, to be made in a pack's program."""
    listed = policies(table)
    from pulumi_policy import PolicyPack

    return PolicyPack(name=name, policies=listed)
