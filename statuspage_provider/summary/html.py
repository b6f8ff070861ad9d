"""The summary as one HTML page that loads nothing: light and dark, with the timeline as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape as _escape

from ..display import unheeded, visible
from .blocks import Bar, Document, Heading, Message, Steps, Table, Text, Timeline, Title, Warnings
from .document import tick

_STYLE = """
:root { color-scheme: light dark; --ink: #1f2328; --faint: #59636e; --line: #d1d9e0; --back: #fff; --soft: #f6f8fa;
  --new: #0969da; --old: #b1bac4; --other: #bc4c00; --warn: #fff8c5; --warn-line: #d4a72c; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --faint: #9198a1; --line: #3d444d; --back: #0d1117;
  --soft: #151b23; --new: #4493f8; --old: #656c76; --other: #f0883e; --warn: #2c2507; --warn-line: #9e6a03; } }
body { margin: 2rem auto; max-width: 52rem; padding: 0 1rem; font: 15px/1.5 system-ui, sans-serif;
  color: var(--ink); background: var(--back); }
h1 { font-size: 1.5rem } h2 { font-size: 1.2rem; margin-top: 2.5rem; border-bottom: 1px solid var(--line) }
table { border-collapse: collapse; width: 100%; margin: .75rem 0 }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border: 1px solid var(--line);
  overflow-wrap: break-word }
thead th { background: var(--soft) } tbody th { font-weight: normal; color: var(--faint); width: 13rem }
blockquote { margin: .75rem 0; padding: .1rem 1rem; border-left: 4px solid var(--line); background: var(--soft);
  overflow-wrap: anywhere }
.warnings { padding: .6rem 1rem .6rem 2rem; background: var(--warn); border: 1px solid var(--warn-line);
  border-radius: 6px; list-style: "⚠  " }
svg { width: 100%; height: auto } svg text { fill: var(--ink); font: 12px system-ui, sans-serif }
svg .axis { fill: var(--faint) } svg line { stroke: var(--line) }
.new { fill: var(--new) } .old { fill: var(--old) } .other { fill: var(--other) } .now { stroke: var(--other) }
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


_WIDTH, _ROW, _LEFT = 800, 28, 240


def timeline(bars: Sequence[Bar], now: datetime) -> str:
    """The windows as bars over time, in UTC, with the present moment as a line if it is near."""
    first, last = min(bar.window[0] for bar in bars), max(bar.window[1] for bar in bars)
    if timedelta() <= first - now <= 2 * (last - first):
        first = now
    margin = max((last - first) / 20, timedelta(minutes=1))
    first, last = first - margin, last + margin

    def x(moment: datetime) -> float:
        return _LEFT + (_WIDTH - _LEFT) * ((moment - first) / (last - first))

    height = _ROW * len(bars) + 40
    parts = [f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="Timeline, times in UTC">']
    for moment in _ticks(first, last):
        at = x(moment)
        parts.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="0" y2="{height - 24}"/>')
        label = f"{moment:%a} {moment.day} {moment:%b %H:%M}"
        middle = min(at, _WIDTH - 55.0)
        parts.append(f'<text class="axis" x="{middle:.1f}" y="{height - 8}" text-anchor="middle">{label}</text>')
    for row, bar in enumerate(bars):
        begin, end = (x(moment) for moment in bar.window)
        name = bar.name if len(bar.name) <= 36 else bar.name[:35] + "…"
        y = row * _ROW + 4
        parts.append(f'<text x="0" y="{y + 15}">{escape(name)}</text>')
        wide = max(end - begin, 3.0)
        label = f"{bar.window[0]:%a %d %b %H:%M} to {bar.window[1]:%a %d %b %H:%M} UTC"
        parts.append(
            f'<rect class="{bar.kind}" x="{begin:.1f}" y="{y}" width="{wide:.1f}" height="{_ROW - 8}" rx="3">'
            f"<title>{escape(bar.name)}: {label}</title></rect>"
        )
    if first <= now <= last:
        parts.append(f'<line class="now" x1="{x(now):.1f}" x2="{x(now):.1f}" y1="0" y2="{height - 24}"/>')
    return "".join([*parts, "</svg>"])


def _ticks(first: datetime, last: datetime) -> list[datetime]:
    """Round moments in UTC between the two, few enough to be read."""
    step, zero = tick(last - first), first.replace(hour=0, minute=0, second=0, microsecond=0)
    begun = zero + step * (int((first - zero) / step) + 1)
    return [begun + step * count for count in range(int((last - begun) / step) + 1)]
