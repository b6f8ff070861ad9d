"""Reads this repository's Markdown: tables, code blocks, code spans, links, headings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")])


@dataclass(frozen=True)
class Block:
    """A fenced code block."""

    language: str
    text: str


class Page:
    """One Markdown file."""

    def __init__(self, path: str | Path) -> None:
        self.path = ROOT / path
        self.name = str(self.path.relative_to(ROOT))
        self.text = self.path.read_text(encoding="utf-8")

    @property
    def blocks(self) -> list[Block]:
        found = re.findall(r"^```(\w*)\n(.*?)^```$", self.text, re.MULTILINE | re.DOTALL)
        return [Block(language, text) for language, text in found]

    @property
    def prose(self) -> str:
        """The text without its fenced blocks."""
        return re.sub(r"^```\w*\n.*?^```$", "", self.text, flags=re.MULTILINE | re.DOTALL)

    @property
    def code(self) -> list[str]:
        """All that is set as code: spans, and the lines of blocks."""
        spans = re.findall(r"`([^`\n]+)`", self.prose)
        return spans + [line for block in self.blocks for line in block.text.splitlines()]

    @property
    def links(self) -> list[str]:
        return re.findall(r"\]\(([^)\s]+)\)", self.prose)

    @property
    def anchors(self) -> set[str]:
        """What `#...` links may point at, as GitHub names headings."""
        headings = re.findall(r"^#+ (.+)$", self.prose, re.MULTILINE)
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}

    def section(self, heading: str) -> str:
        """What stands under a heading, up to the next heading of any level."""
        parts = re.split(r"^#+ (.+)$", self.text, flags=re.MULTILINE)
        named = dict(zip(parts[1::2], parts[2::2], strict=True))
        assert heading in named, f"{self.name} has no heading “{heading}”"
        return named[heading]

    def table(self, heading: str, head: str = "") -> list[list[str]]:
        """The rows of the first table under a heading, without its head, cell by cell; or of that with this head."""
        lines = self.section(heading).splitlines()
        start = next((number for number, line in enumerate(lines) if line.startswith(f"| {head}".rstrip())), None)
        assert start is not None, f"{self.name} has no table under “{heading}”"
        rows = []
        for line in lines[start + 2 :]:
            if not line.startswith("|"):
                break
            rows.append([cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
        return rows


def bare(cell: str) -> str:
    """The name in a cell that holds one code span."""
    match = re.fullmatch(r"`([^`]+)`", cell)
    assert match, f"“{cell}” is not one code span"
    return match[1]
