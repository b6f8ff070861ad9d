"""What an emulated page was asked, and whom it mailed."""

from __future__ import annotations

from typing import Any

from statuspage_provider.emulator import Emulator


class Requests:
    """The log of an emulator's requests. Whoever reads it empties it."""

    emulator: Emulator

    def logged(self) -> list[dict[str, Any]]:
        log = self.emulator.requests
        self.emulator.clear_requests()
        return log

    def asked(self) -> list[str]:
        """Every request since the last time: method and what it is about."""
        return [f"{item['method']} {self.subject(item['path'])}" for item in self.logged()]

    def wrote(self) -> list[str]:
        return [line for line in self.asked() if not line.startswith("GET")]

    def mails(self) -> list[str]:
        return [notice["status"] for notice in self.emulator.notices]

    def subject(self, path: str) -> str:
        return path.split("/")[2]
