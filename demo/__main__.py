"""A database upgrade that runs only in its announced window. `--keep` leaves page and stack up at the end."""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx

import statuspage_provider as statuspage
from demo.database import upgrade
from engine import find_engine

HERE = Path(__file__).resolve().parent.parent
WORK = HERE / ".demo"
STACK = "demo"


class Demo:
    """One run of the demo: an engine, a stack, the page it posts to, and the database that is upgraded."""

    def __init__(self, url: str, environment: Mapping[str, str]) -> None:
        self.url = url
        self.environment = dict(environment)
        self.page_id = ""
        self.database = WORK / "orders.sqlite"

    def pulumi(self, *args: str, quiet: bool = False, fails: bool = False) -> None:
        """Run the CLI. The demo ends if it fails and should not, or the other way round."""
        if not quiet:
            print(f"$ pulumi {' '.join(args)}", flush=True)
        quietly = [] if quiet else ["--suppress-progress"]
        ran = subprocess.run(
            ["pulumi", *args, "--stack", STACK, "--non-interactive", *quietly],
            cwd=HERE,
            env=self.environment,
            stdout=subprocess.PIPE if quiet else None,
            # The errors stand where they were printed, also where the output goes to a file.
            stderr=subprocess.STDOUT,
            text=True,
        )
        if bool(ran.returncode) is not fails:
            print(ran.stdout or "")
            raise SystemExit(f"demo: pulumi {args[0]} ended with {ran.returncode}")
        if fails:
            print(f"  it ended with {ran.returncode}")

    def config(self, **values: str) -> None:
        for key, value in values.items():
            self.pulumi("config", "set", key, value, quiet=True)

    def moves_to(self, moment: datetime) -> None:
        """Set the clock that the page and the runs to come share."""
        now = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        self.environment["STATUSPAGE_NOW"] = now
        httpx.post(f"{self.url}/_emulator/clock", json={"now": now}).raise_for_status()

    def asked(self) -> list[str]:
        """The requests to the page since the last time, printed."""
        log = httpx.get(f"{self.url}/_emulator/requests").json()
        httpx.delete(f"{self.url}/_emulator/requests")
        print(f"  requests to the service: {len(log)}")
        asked = [f"{item['method']} {item['path']}" for item in log]
        for line in asked:
            print(f"    {line}")
        return asked

    def windows(self) -> list[dict[str, Any]]:
        """The windows on the page, the oldest first."""
        found = httpx.get(
            f"{self.url}/v2/status_page_maintenances",
            params={"status_page_id": self.page_id},
            headers={"Authorization": "Bearer emulator-read"},
        ).json()["status_page_maintenances"]
        httpx.delete(f"{self.url}/_emulator/requests")
        return sorted(found, key=lambda window: str(window["published_at"]))

    def show_page(self) -> None:
        """What a visitor reads of the windows at this moment."""
        for window in self.windows():
            print(f"  the page says: {window['name']}")
            for update in sorted(window["updates"], key=lambda update: str(update["published_at"])):
                print(f"    {_at(update['published_at'])}  {update['maintenance_status']}")

    def schema(self) -> int:
        """The version that the database itself says it is at."""
        with closing(sqlite3.connect(self.database)) as opened:
            (version,) = opened.execute("pragma user_version").fetchone()
        print(f"  the database is at schema {version}")
        return int(version)


def _at(moment: str) -> str:
    return f"{moment[:10]} {moment[11:19]} UTC"


def say(text: str) -> None:
    print(f"\n» {text}", flush=True)


@contextmanager
def page(keep: bool) -> Iterator[str]:
    """The bundled status page, in a process of its own. Yields its address."""
    command = [sys.executable, "-u", "-m", "statuspage_provider", "emulator", "--port", "0"]
    log = WORK / "page.log"
    with log.open("w") as out:
        server = subprocess.Popen(
            [*command, "--state", str(WORK / "page.json")], stdout=out, stderr=out, start_new_session=keep
        )
    try:
        yield _address(server, log)
        keep_up = keep
    except BaseException:
        keep_up = False
        raise
    finally:
        if not keep_up:
            server.terminate()
            server.wait(timeout=10)
        else:
            (WORK / "page.pid").write_text(str(server.pid))


def _address(server: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and server.poll() is None:
        for word in log.read_text().split():
            if word.startswith("http://127.0.0.1:"):
                return "/".join(word.split("/")[:3])
        time.sleep(0.05)
    raise SystemExit(f"demo: the page did not come up: {log.read_text()}")


def _stop_kept_page() -> None:
    pid = WORK / "page.pid"
    if pid.exists():
        subprocess.run(["kill", pid.read_text()], check=False, stderr=subprocess.DEVNULL)


def start(url: str, begins: datetime) -> Demo:
    """A fresh stack whose settings point at the page, and the database as it is today."""
    environment = {
        **find_engine().environment(WORK),
        "INCIDENT_ENDPOINT": url,
        "INCIDENT_API_KEY": "emulator-write",
    }
    demo = Demo(url, environment)
    subprocess.run(["pulumi", "stack", "init", STACK], cwd=HERE, env=environment, check=True, capture_output=True)
    os.environ |= {"INCIDENT_ENDPOINT": url, "INCIDENT_API_KEY": "emulator-read"}
    acme = statuspage.get_status_page(name="Acme Status")
    demo.page_id = acme.id
    upgrade(str(demo.database), 1)
    demo.config(
        page=acme.id,
        databaseComponent=acme.component("EU / Database").id,
        dashboardComponent=acme.component("Dashboard").id,
        startAt=f"{begins:%Y-%m-%dT%H:%M:%SZ}",
        database=str(demo.database),
        schemaVersion="2",
    )
    subscribers = {"status_page_id": acme.id, "count": 250}
    httpx.post(f"{url}/_emulator/subscribers", json=subscribers).raise_for_status()
    httpx.delete(f"{url}/_emulator/requests")
    return demo


def story(demo: Demo, begins: datetime) -> None:
    say("preview: what a reviewer sees. Nothing is posted.")
    demo.pulumi("preview", "--diff")
    _expect_none(demo.asked(), "preview")

    say("up: the window is announced. The upgrade is days too early: it is refused, and the database stays untouched.")
    before = demo.database.read_bytes()
    demo.pulumi("up", "--yes", "--skip-preview", fails=True)
    demo.asked()
    demo.schema()
    _expect(demo.database.read_bytes() == before, "the refused upgrade touched the database")
    demo.show_page()

    say("Two days pass. The window begins by itself, and five minutes later the same program runs again.")
    demo.moves_to(begins + timedelta(minutes=5))
    demo.show_page()
    demo.pulumi("up", "--yes", "--skip-preview")
    demo.asked()
    _expect(demo.schema() == 2, "the upgrade did not run")
    say("The window ended with the work, not at its planned end.")
    demo.show_page()
    print(f"  look at the page: {demo.url}/pages/acme")

    say("up again: nothing has changed, so nothing is posted.")
    demo.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")
    _expect_none(_posts(demo.asked()), "a run without a change")

    say("refresh: state learns that the window is over. From now on a run without a change sends no request at all.")
    demo.pulumi("refresh", "--yes", "--skip-preview")
    _expect_none(_posts(demo.asked()), "refresh")
    demo.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")
    _expect_none(demo.asked(), "a run without a change")

    say("The incident is resolved, and the next upgrade is announced. This one is held: the run stays green.")
    demo.config(
        startAt=f"{begins + timedelta(days=7):%Y-%m-%dT%H:%M:%SZ}",
        schemaVersion="3",
        outside="hold",
        incidentStatus="resolved",
        incidentMessage="Reports are back to their usual speed.",
    )
    before = demo.database.read_bytes()
    demo.pulumi("up", "--yes", "--skip-preview")
    demo.asked()
    demo.schema()
    _expect(demo.database.read_bytes() == before, "the held upgrade touched the database")


def finish(demo: Demo) -> None:
    say("destroy: the window that has not begun is deleted. What is over stays on the page as history.")
    demo.pulumi("destroy", "--yes", "--skip-preview")
    demo.asked()
    demo.show_page()


def outbox(demo: Demo) -> None:
    mails = httpx.get(f"{demo.url}/_emulator/notices").json()
    say(f"what subscribers would have received: {len(mails)} notice(s)")
    for mail in mails:
        print(f"  {_at(mail['at'])}  {mail['recipients']} subscribers  {mail['status']}  {mail['name']}")
        print(textwrap.indent(textwrap.fill(mail["message"], 100), "    "))


def how_to_go_on(demo: Demo, inside: datetime) -> None:
    say("page and stack stay up. To continue by hand:")
    names = [name for name in demo.environment if name.startswith(("PULUMI_", "INCIDENT_", "STATUSPAGE_"))]
    for name in ["PATH", *names]:
        value = demo.environment[name]
        print(f'  export {name}="{value.split(":")[0]}:$PATH"' if name == "PATH" else f'  export {name}="{value}"')
    print(f"  pulumi up --stack {STACK}          # the program is __main__.py")
    print(f"  open {demo.url}/pages/acme")
    now = f"{inside:%Y-%m-%dT%H:%M:%SZ}"
    print("  # a week later, in the next window, by the clock of the runs and that of the page:")
    print(f'  export STATUSPAGE_NOW="{now}"')
    print(f"""  curl -sH 'Content-Type: application/json' -d '{{"now": "{now}"}}' {demo.url}/_emulator/clock""")
    print("  make demo                      # starts again from scratch, and stops this page")


def _posts(asked: list[str]) -> list[str]:
    return [line for line in asked if not line.startswith("GET ")]


def _expect_none(asked: list[str], run: str) -> None:
    _expect(not asked, f"{run} asked the service: {asked}")


def _expect(truth: bool, otherwise: str) -> None:
    if not truth:
        raise SystemExit(f"demo: {otherwise}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave page and stack up")
    keep = parser.parse_args().keep
    _stop_kept_page()
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir()
    (HERE / f"Pulumi.{STACK}.yaml").unlink(missing_ok=True)
    begins = (datetime.now(timezone.utc) + timedelta(days=2)).replace(hour=22, minute=0, second=0, microsecond=0)
    with page(keep) as url:
        demo = start(url, begins)
        story(demo, begins)
        if keep:
            outbox(demo)
            how_to_go_on(demo, begins + timedelta(days=7, minutes=5))
            return
        finish(demo)
        outbox(demo)
    (HERE / f"Pulumi.{STACK}.yaml").unlink(missing_ok=True)


if __name__ == "__main__":
    main()
