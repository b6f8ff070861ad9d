"""Which engine versions we get, and which we accept."""

import re
from typing import NamedTuple


class Version(NamedTuple):
    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"v{self.major}.{self.minor}.{self.patch}"


# What we fetch or build. One version on every machine, so that a failure here is a failure there; it is the one
# `module/go.mod` requires.
PINNED = Version(3, 250, 0)

# What we accept when it is already installed. Three behaviours of the engine are relied on:
#   3.216.0  a provider's refresh may return inputs (else a false diff stays)
#   3.238.0  a failing after hook fails the deployment (before: a warning)
#   3.244.0  every provider error reaches the error hooks (before: some passed them by, and a window stayed open)
MINIMUM = Version(3, 244, 0)


def parse(text: str) -> Version | None:
    """The first version in a text, as in `v3.250.0` or `go1.26.8`; a missing patch is 0."""
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return Version(int(found[1]), int(found[2]), int(found[3] or 0)) if found else None
