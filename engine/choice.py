"""Which way to an engine is taken, given what this machine has. Pure: nothing here looks or acts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from engine.versions import MINIMUM, Version

INSTALL_PAGE = "https://www.pulumi.com/docs/install/"
GO_PAGE = "https://go.dev/dl/"

Way = Literal["path", "cache", "release", "build"]


class Refusal(Exception):
    """No engine, and no way to one. The text says what to install."""


@dataclass(frozen=True)
class Installed:
    """A `pulumi` on PATH."""

    file: str
    version: Version | None
    missing: tuple[str, ...] = ()  # programs the engine needs for Python, not on PATH

    def fault(self) -> str | None:
        """Why it cannot be used, if it cannot."""
        if self.version is None:
            return f"{self.file} does not say its version"
        if self.version < MINIMUM:
            return f"{self.file} is {self.version}, older than {MINIMUM}"
        if self.missing:
            return f"{self.file} lacks {', '.join(self.missing)}"
        return None


@dataclass(frozen=True)
class Machine:
    """What there is. The two questions that take time are asked only when it comes to them; each answers None for
    yes, else the reason why not."""

    installed: Installed | None
    cached: bool
    no_release: Callable[[], str | None]
    no_build: Callable[[], str | None]


def choose(machine: Machine, go_needed: str) -> Way:
    """The first way that works: installed, got before, official release, built from its Go module."""
    on_path = machine.installed.fault() if machine.installed else "no pulumi"
    if on_path is None:
        return "path"
    if machine.cached:
        return "cache"
    no_release = machine.no_release()
    if no_release is None:
        return "release"
    no_build = machine.no_build()
    if no_build is None:
        return "build"
    raise Refusal(
        "engine: none here, and no way to get one\n"
        f"  on PATH: {on_path}\n"
        f"  official release: {no_release}\n"
        f"  build from the Go module: {no_build}\n"
        "Install one of these, then run this again:\n"
        f"  the pulumi CLI, {MINIMUM} or later: {INSTALL_PAGE}\n"
        f"  Go {go_needed} or later: {GO_PAGE}"
    )
