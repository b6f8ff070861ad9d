"""What the engine writes into states and plans, as far as it is read here: types, names in URNs, marks of secrets."""

from __future__ import annotations

TYPE_PREFIX = "pulumi-python:dynamic/statuspage:"
"""How the types of this package begin."""

WINDOW = f"{TYPE_PREFIX}StatusPageMaintenance"
INCIDENT = f"{TYPE_PREFIX}StatusPageIncident"
PAST = f"{TYPE_PREFIX}StatusPageRetrospectiveIncident"

STACK = "pulumi:pulumi:Stack"

SPECIAL, SECRET_MARK = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"
"""How every SDK marks a secret: {SPECIAL: SECRET_MARK, "ciphertext": …}, or "plaintext", which is JSON."""


def stack_of(urn: str) -> str:
    """The project and the stack that a URN names. The organisation is not in it."""
    stack, _, rest = urn.removeprefix("urn:pulumi:").partition("::")
    return f"{rest.partition('::')[0]}/{stack}"


def name_of(urn: str) -> str:
    """A resource's own name. It may hold what separates the parts of its URN."""
    return urn.split("::", 3)[-1]
