"""`make pictures`: the page and the comment that the README shows, of the program that it shows, on a real engine."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from string import Template

from statuspage_provider.emulator import Emulator
from tests.support.readme import PROGRAM, deployed

HERE = Path(__file__).parent
IMAGES = HERE.parent / "docs" / "images"
LOOKED_AT = HERE.parent / ".pictures"
"""Others, to be looked at: the comment in the dark, and the summary as a page, narrow and wide."""

NODE = LOOKED_AT / "node_modules"
"""What shows Markdown as GitHub does: `make pictures` gets it from npm."""

NOW = "2027-03-01T12:00:00+00:00"


def main() -> int:
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None or not NODE.is_dir():
        print("pictures: this needs chromium and npm on PATH; `make pictures` gets the rest")
        return 1
    emulator = Emulator()
    emulator.set_clock(datetime.fromisoformat(NOW))
    with tempfile.TemporaryDirectory() as made, emulator.serve() as served:
        shown = Path(made) / "shown.html"
        stack = deployed(Path(made) / "project", served.url, NOW)
        stack.write(PROGRAM)
        plan = stack.run("preview", "--json", "--show-sames").stdout
        markdown, html = (summary(plan, form, stack.environment()) for form in ("markdown", "html"))
        shown.write_text(comment(markdown))
        for dark, folder in ((False, IMAGES), (True, LOOKED_AT)):
            take(browser, shown.as_uri(), folder / "comment.png", 892, 1350, dark=dark)
        shown.write_text(html)
        for width in 420, 1200:
            for dark in False, True:
                picture = LOOKED_AT / f"summary-{width}{'-dark' if dark else ''}.png"
                take(browser, shown.as_uri(), picture, width, 1700 if width < 500 else 1300, dark=dark)
        stack.up()
        take(browser, f"{served.url}/pages/acme", IMAGES / "page.png", 900, 900)
    return 0


def summary(plan: str, form: str, environment: dict[str, str]) -> str:
    """What the recipes post, or keep."""
    command = [sys.executable, "-m", "statuspage_provider", "summary", "-", "--time-zone", "Europe/Berlin"]
    command += ["--format", form]
    return subprocess.run(command, input=plan, capture_output=True, text=True, check=True, env=environment).stdout


def comment(markdown: str) -> str:
    """A page that shows it as GitHub does. Pulumi's text ends no script: `<` is written as an escape."""
    said = json.dumps(markdown).replace("<", "\\u003c")
    return Template((HERE / "comment.html").read_text()).substitute(node=NODE.as_uri(), markdown=said)


def take(browser: str, address: str, picture: Path, width: int, height: int, *, dark: bool = False) -> None:
    command = [browser, "--headless", "--no-sandbox", "--hide-scrollbars", "--virtual-time-budget=20000"]
    command += [f"--blink-settings=preferredColorScheme={0 if dark else 1}"]
    command += [f"--window-size={width},{height}", f"--screenshot={picture}", address]
    subprocess.run(command, capture_output=True, check=True)
    print(f"pictures: {picture.relative_to(HERE.parent)}")


if __name__ == "__main__":
    sys.exit(main())
