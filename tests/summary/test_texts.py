"""Texts that others wrote: in each format they stay in their place, hide nothing, and command nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import vobject
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from statuspage_provider.__main__ import main
from statuspage_provider.display import plain, visible
from statuspage_provider.summary.blocks import Heading, Message, Steps, Table, Text, Warnings
from statuspage_provider.summary.markdown import GITHUB, PLAIN, Flavour, to_markdown, to_plain_markdown
from statuspage_provider.summary.report import report
from statuspage_provider.summary.terminal import to_terminal
from tests.support.page import Page
from tests.support.previews import preview, printed

HIDING = [
    *("\x00", "\x07", "\x0b", "\x1b", "\x7f", "\x80", "\x85", "\x9b", "\x9f", "\xad"),
    *("\u061c", "\u200b", "\u200e", "\u200f", "\u2028", "\u202e", "\u2066", "\u2069", "\ufeff", "\ud800", "\U000e0041"),
]


@pytest.mark.parametrize("hiding", HIDING, ids=lambda each: f"U+{ord(each):04X}")
def test_what_hides_or_turns_round_a_part_of_a_text_is_shown_as_a_mark(hiding: str) -> None:
    assert visible(f"a{hiding}b\nc") == "a\ufffdb\nc"
    # On one line, what breaks a line is a space.
    breaks = hiding in "\x0b\x85\u2028"
    assert plain(f"a{hiding}b\nc") == ("a b c" if breaks else "a\ufffdb c")


def test_a_line_break_of_any_kind_is_one_and_other_letters_stay() -> None:
    assert visible("a\r\nb\rc\td") == "a\nb\nc\td"
    kept = "Wartung für „Bestellungen“, 注文, \u0645\u06cc\u200c\u062e, 👩\u200d💻, ⚙\ufe0f"
    assert plain(kept) == kept


# Markdown, as a comment

PARTS = [
    *("[!WARNING]", "[", "]", "](", ")", ":", "[^1]", "^", "!", "!["),
    *("https://example.com", " https://github.com/acme/ops/issues/12", "http://ghe.example.com/a/b/pull\\/", "12", "/"),
    *(
        "@acme",
        "@",
        "acme",
        "#",
        "GH-",
        "GH\\-",
        "\\",
        "&#64;",
        "&lbrack;",
        "<",
        "<!--",
        ">",
        "`",
        "```",
        "|",
        "*",
        "~",
        "~~",
        "$",
        "%",
        "{",
        "[TOC]",
    ),
    *("\n", "\n\n", "\r", " ", "    ", "- ", "1. ", "***", "===", "\u202e", "x"),
]
texts = st.lists(st.sampled_from(PARTS), max_size=14).map("".join)

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def inline(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from inline(token.children or [])


@given(texts, texts)
@example("[!WARNING]: https://example.com", "x")
@example("[\n!WARNING\n]: https://example.com 'title'", "x")
@example("[^1]\n\n[^1]: below everything", "[^1]")
@example("[x](https://github.com/acme/ops/issues\\/12)", "https://github.com/acme/ops/pull/12")
@example("GH\\-12 #12 @acme", "GH-12 #12 @acme")
@example("[!CAUTION]\nours?", "[!CAUTION]")
@example("https://gitlab.com/a/b/-/merge_requests/12", "https://gitlab.com/a/b/-/merge_requests/12")
@example("!12 @<6fb1c1e2> @{557058:ab}", "\\<b>!12 &12 @<6fb1c1e2> @{557058:ab}")
@example("[x](https://example.com/a%20b)", "~~x~~ $1 $2")
@settings(max_examples=100, deadline=None)
@pytest.mark.parametrize("flavour", [GITHUB, PLAIN], ids=["markdown", "plain-markdown"])
def test_no_text_of_a_program_links_mentions_or_boxes_anything_beside_itself(
    flavour: Flavour, message: str, name: str
) -> None:
    write = to_markdown if flavour is GITHUB else to_plain_markdown
    boxes = [Warnings(["Ours"]), Heading(name), Table([(name, name)], ("a", "b")), Table([(name, name)])]
    boxes += [Steps([name]), Text(f"Told: {name}"), Text(name)]
    shown = write([*boxes, Message("The message:", message), Warnings(["Ours too"])])
    env: dict[str, Any] = {}
    found = list(inline(PARSER.parse(shown, env)))
    defined, html = ({}, [f"{GITHUB.marker}\n"]) if flavour is GITHUB else ({"STATUSPAGE SUMMARY"}, [])
    assert set(env.get("references", {})) == set(defined), "a definition counts for the whole comment"
    assert not [token for token in found if token.type == "image"]
    assert [token.content for token in found if token.type.startswith("html")] == html
    read = [token.content for token in found if token.type == "text"]
    read += [str(token.attrs["href"]) for token in found if token.type == "link_open"]
    for text in read:
        assert not re.search(
            r"@[A-Za-z0-9<{]|[#!&]\d|\bGH-\d|/(issues|pulls?|discussions|merge_requests)/\d", text, re.IGNORECASE
        ), text
    assert not re.search(r"(?<!\\)\[\^", shown), "a footnote stands below everything"
    ours = ["> [!WARNING]"] * 2 if flavour is GITHUB else []
    assert [line for line in shown.splitlines() if re.match(r">\s*\[!", line)] == ours


# a log


@pytest.mark.parametrize(
    "text", ["::error::x", "a\n::error::x", "  ::warning::x", "##[error]x", "a ##vso[x]", "a" * 99 + " ::error::x"]
)
def test_no_line_in_a_log_is_a_command_to_the_runner(text: str) -> None:
    blocks = [Heading(text), Text(text), Steps([text]), Table([(text, text)]), Message(text, text), Warnings([text])]
    shown = to_terminal(blocks)
    assert not re.search(r"^\s*::|##\w*\[", shown, re.MULTILINE)
    assert not re.search(r"^\s*::|##\w*\[", plain(text))


def test_a_broken_rule_is_one_line_whatever_the_resource_is_called(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pyproject.toml").write_text('[tool.statuspage.rules]\nlongest_window = "1h"\n')
    Path("plan.json").write_text(printed(preview("window\n::error::owned\x1b[31m", page.maintenance())))
    capsys.readouterr()
    assert main(["summary", "plan.json", "--output", "summary.md"]) == 1
    shown = capsys.readouterr().err
    assert shown.startswith("statuspage: window ::error::owned\ufffd[31m: longest_window: it is 1h")
    assert shown.count("\n") == 1


# a calendar


def test_no_control_character_reaches_a_calendar(page: Page) -> None:
    text = "one\rtwo\r\nthree\x00\x0b\x1b\x85\u2028four"
    plan = printed(preview("window", page.maintenance(name=text, message=f"{text}\n\nEND:VEVENT")))
    ics = report(plan, page.now, calendar=True).calendar.decode()
    assert not re.search("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028]|\r(?!\n)|(?<!\r)\n", ics)
    (event,) = vobject.readOne(ics).vevent_list
    assert event.summary.value == "one two three\ufffd \ufffd four"
    assert event.description.value == "one\ntwo\nthree\ufffd\ufffd\ufffd\ufffd\ufffdfour\n\nEND:VEVENT"
