"""The summary as one HTML page that loads nothing: light and dark, wide and narrow, with the timeline as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from html import escape as _escape

from ..display import unheeded, visible
from .blocks import Bar, Document, Heading, Message, Steps, Table, Text, Timeline, Title, Warnings
from .document import tick

_STYLE = """
:root { color-scheme: light dark; --ink: #1f2328; --faint: #59636e; --line: #d1d9e0; --back: #fff; --soft: #f6f8fa;
  --new: #0969da; --old: #818b98; --other: #bc4c00; --warn: #fff8c5; --warn-line: #d4a72c; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --faint: #9198a1; --line: #3d444d; --back: #0d1117;
  --soft: #151b23; --new: #4493f8; --old: #7d8590; --other: #f0883e; --warn: #2c2507; --warn-line: #9e6a03; } }
body { margin: 2rem auto; max-width: 52rem; padding: 0 1rem; font: 15px/1.5 system-ui, sans-serif;
  color: var(--ink); background: var(--back); overflow-wrap: anywhere }
h1 { font-size: 1.5rem } h2 { font-size: 1.2rem; margin-top: 2.5rem; border-bottom: 1px solid var(--line) }
table { border-collapse: collapse; width: 100%; margin: .75rem 0 }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border: 1px solid var(--line) }
thead th { background: var(--soft); white-space: nowrap }
tbody th { font-weight: normal; color: var(--faint); width: 13rem }
blockquote { margin: .75rem 0; padding: .1rem 1rem; border-left: 4px solid var(--line); background: var(--soft) }
pre { overflow-x: auto }
.warnings { padding: .6rem 1rem .6rem 2rem; background: var(--warn); border: 1px solid var(--warn-line);
  border-radius: 6px; list-style: "⚠  " }
.timeline { margin: 1.5rem 0; font-size: 13px } .row { display: grid; grid-template-columns: 13rem minmax(0, 1fr);
  column-gap: .75rem; align-items: center }
.name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.track { position: relative; height: 1.75rem } .track > * { position: absolute; top: 0; bottom: 0 }
.tick { border-left: 1px solid var(--line) } .now { border-left: 2px solid var(--other) }
.bar { top: .25rem !important; bottom: .25rem !important; min-width: 6px; border-radius: 3px }
.new { background: var(--new) } .old { background: var(--old) } .other { background: var(--other) }
.axis { color: var(--faint) } .axis .track { height: 2.5rem }
.axis .track span { transform: translateX(-50%); text-align: center; white-space: nowrap; line-height: 1.25 }
@media (max-width: 40rem) { .row { grid-template-columns: minmax(0, 1fr) } tbody th { width: 30% }
  th, td { padding: .3rem .4rem } }
"""


def to_html(document: Document) -> str:
    title = next((block.text for block in document if isinstance(block, Title)), "Status page")
    body = "\n".join(_block(block) for block in document)
    return unheeded(
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width">\n'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n<body>\n{body}\n</body>\n</html>\n"
    )


def escape(text: str) -> str:
    return _escape(visible(text))


def _block(block: object) -> str:
    match block:
        case Title(text):
            return f"<h1>{escape(text)}</h1>"
        case Heading(text):
            return f"<h2>{escape(text)}</h2>"
        case Text(text):
            return f"<p>{escape(text)}</p>"
        case Steps(items):
            return f"<ol>{''.join(f'<li>{escape(item)}</li>' for item in items)}</ol>"
        case Warnings(items):
            return f'<ul class="warnings">{"".join(f"<li>{escape(item)}</li>" for item in items)}</ul>'
        case Message(label, text):
            return f"<p>{escape(label)}</p>\n<blockquote>{rendered(text)}</blockquote>"
        case Table(rows, header):
            return _table(rows, header)
        case Timeline(bars, now):
            return timeline(bars, now)
    raise AssertionError(block)


def rendered(text: str) -> str:
    """A message as the page renders its Markdown: no HTML of its own, no images, no links that run."""
    try:
        from markdown_it import MarkdownIt
    except ModuleNotFoundError:
        # Without the renderer the text itself is shown.
        return f'<p style="white-space: pre-wrap">{escape(text)}</p>'
    return str(MarkdownIt("commonmark", {"html": False, "breaks": True}).disable("image").render(visible(text)))


def _table(rows: Sequence[Sequence[str]], header: Sequence[str]) -> str:
    head = f"<thead><tr>{''.join(f'<th>{escape(name)}</th>' for name in header)}</tr></thead>" if header else ""
    lines = []
    for row in rows:
        cells = [f"<td>{escape(cell)}</td>" for cell in row]
        cells[0] = f"<th>{escape(row[0])}</th>"
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table>{head}<tbody>{''.join(lines)}</tbody></table>"


def timeline(bars: Sequence[Bar], now: datetime) -> str:
    """The windows as bars over time, in UTC, with the present moment as a line if it is near."""
    first, last = min(bar.window[0] for bar in bars), max(bar.window[1] for bar in bars)
    if timedelta() <= first - now <= 2 * (last - first):
        first = now
    margin = max((last - first) / 20, timedelta(minutes=1))
    first, last = first - margin, last + margin

    def x(moment: datetime) -> str:
        return f"{100 * ((moment - first) / (last - first)):.2f}%"

    ticks = _ticks(first, last)
    marks = "".join(f'<i class="tick" style="left:{x(moment)}"></i>' for moment in ticks)
    if first <= now <= last:
        marks += f'<i class="now" style="left:{x(now)}" title="now"></i>'
    rows = []
    for bar in bars:
        begin, end = bar.window
        times = f"{begin:%a %d %b %H:%M} to {end:%a %d %b %H:%M} UTC"
        # However short, a bar has a width, and the end of the track keeps room for it.
        place = f"left:min({x(begin)}, 100% - {_THINNEST});width:{100 * ((end - begin) / (last - first)):.2f}%"
        drawn = f'<i class="bar {bar.kind}" style="{place}" title="{escape(bar.name)}: {times}"></i>'
        rows.append(_row(f'<span class="name" title="{escape(bar.name)}">{escape(bar.name)}</span>', marks + drawn))
    labels = "".join(
        f'<span style="left:clamp({_EDGE}, {x(moment)}, 100% - {_EDGE})">{_label(moment, ticks)}</span>'
        for moment in ticks
    )
    axis = _row('<span class="name">times in UTC</span>', labels, "row axis")
    return f'<div class="timeline" role="img" aria-label="Timeline, times in UTC">{"".join(rows)}{axis}</div>'


_THINNEST, _EDGE = "6px", "2.2rem"


def _row(name: str, track: str, kind: str = "row") -> str:
    return f'<div class="{kind}">{name}<div class="track">{track}</div></div>'


def _label(moment: datetime, ticks: Sequence[datetime]) -> str:
    """The day and, unless every mark is at midnight, the time below it."""
    day = f"{moment:%a} {moment.day} {moment:%b}"
    return day if all(one.time() == time() for one in ticks) else f"{day}<br>{moment:%H:%M}"


def _ticks(first: datetime, last: datetime) -> list[datetime]:
    """Round moments in UTC between the two, few enough to be read."""
    step, zero = tick(last - first), first.replace(hour=0, minute=0, second=0, microsecond=0)
    begun = zero + step * (int((first - zero) / step) + 1)
    return [begun + step * count for count in range(int((last - begun) / step) + 1)]
