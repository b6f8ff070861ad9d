"""The summary as a page: nothing of it is wider than a narrow screen, and each window can be seen.

It was looked at in a browser too, at 320, 420 and 1200 px, light and dark.
"""

from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser

from hypothesis import example, given, settings
from hypothesis import strategies as st

from statuspage_provider.summary.blocks import Bar, Timeline
from statuspage_provider.summary.html import to_html
from statuspage_provider.summary.report import report
from tests.support.page import NOON, Page
from tests.support.plans import PLANS, previewed


class Tags(HTMLParser):
    """Every tag of a page, with what it says of itself."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def of(self, kind: str) -> list[dict[str, str]]:
        return [given for _, given in self.found if kind in given.get("class", "").split()]


minutes = st.integers(min_value=0, max_value=60 * 24 * 400)
windows = st.lists(st.tuples(minutes, minutes.map(lambda length: length + 1)), min_size=1, max_size=6)


@given(windows)
@example([(0, 60 * 24 * 7), (60 * 24 * 3, 15)])
@example([(0, 1), (60 * 24 * 399, 1)])
@settings(deadline=None)
def test_each_bar_lies_in_the_track_and_those_that_begin_later_lie_further_right(found: list[tuple[int, int]]) -> None:
    begins = [NOON + timedelta(minutes=ahead) for ahead, _ in found]
    ends = [begin + timedelta(minutes=length) for begin, (_, length) in zip(begins, found, strict=True)]
    bars = [Bar("window", window, "new") for window in zip(begins, ends, strict=True)]
    drawn = [place(one["style"]) for one in Tags(to_html([Timeline(bars, NOON)])).of("bar")]
    assert len(drawn) == len(bars)
    for left, width in drawn:
        assert 0 <= left <= left + width <= 100.01
    lefts = [left for _, left in sorted(zip(begins, (left for left, _ in drawn), strict=True))]
    assert lefts == sorted(lefts)


def place(style: str) -> tuple[float, float]:
    """Where a bar begins and how wide it is, in percent of the track."""
    told = re.fullmatch(r"left:min\(([\d.]+)%, 100% - 6px\);width:([\d.]+)%", style)
    assert told, style
    return float(told[1]), float(told[2])


def test_a_quarter_of_an_hour_in_a_week_has_a_width_however_narrow_the_screen() -> None:
    week, short = (NOON, NOON + timedelta(days=7)), (NOON, NOON + timedelta(minutes=15))
    page = to_html([Timeline([Bar("long", week, "new"), Bar("short", short, "new")], NOON)])
    (_, width) = place(Tags(page).of("bar")[1]["style"])
    assert width < 0.2
    assert "min-width: 6px" in rules(page)[".bar"]


def rules(page: str) -> dict[str, str]:
    """What the page's style says, by selector."""
    style = page.partition("<style>")[2].partition("</style>")[0]
    return {selector.strip(): said for selector, said in re.findall(r"([^{}]+)\{([^{}]*)\}", style)}


def test_no_part_of_a_page_is_wider_than_a_narrow_screen(page: Page) -> None:
    for name, (text, now) in previewed(page).items():
        shown = report(text, now, form="html").text
        assert "overflow-wrap: anywhere" in rules(shown)["body"], f"{name}: a long name breaks"
        assert "overflow-x: auto" in rules(shown)["pre"], f"{name}: code of a message is scrolled by itself"
        widths = re.findall(r"(?<!max-)(?<!min-)\bwidth[:=]\s*\"?(\d+)(px)?[\";} ]", shown)
        assert [width for width, _ in widths if int(width) > 300] == [], name
        assert not {tag for tag, _ in Tags(shown).found} & {"svg", "img", "iframe", "script"}, name


def test_a_page_has_no_tag_that_the_program_wrote(page: Page) -> None:
    shown = Tags(report(PLANS["window-with-a-hostile-text"](page), page.now, form="html").text)
    assert not {tag for tag, _ in shown.found} & {"script", "img", "details"}
    assert {name for _, given in shown.found for name in given} <= {
        *("lang", "charset", "name", "content", "http-equiv"),
        *("class", "style", "title", "role", "aria-label"),
    }
