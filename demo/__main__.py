"""Runs the main job: preview, up, up again, an edited up, refresh, destroy. `--keep` leaves page and stack up."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

import httpx

import statuspage_provider as statuspage
from engine import find_engine

HERE = Path(__file__).resolve().parent.parent
WORK = HERE / ".demo"
STACK = "demo"


class Demo:
    """One run of the demo: an engine, a stack and the page it posts to."""

    def __init__(self, url: str, environment: Mapping[str, str]) -> None:
        self.url = url
        self.environment = environment

    def pulumi(self, *args: str, quiet: bool = False) -> None:
        if not quiet:
            print(f"$ pulumi {' '.join(args)}", flush=True)
        pipe = subprocess.PIPE if quiet else None
        ran = subprocess.run(
            ["pulumi", *args, "--stack", STACK, "--non-interactive"],
            cwd=HERE,
            env=self.environment,
            stdout=pipe,
            stderr=pipe,
            text=True,
        )
        if ran.returncode:
            print(ran.stdout or "", ran.stderr or "", sep="")
            raise SystemExit(f"demo: pulumi {args[0]} failed with {ran.returncode}")

    def config(self, **values: str) -> None:
        for key, value in values.items():
            self.pulumi("config", "set", key, value, quiet=True)

    def requests(self) -> list[str]:
        """What the page was asked since the last time."""
        log = httpx.get(f"{self.url}/_emulator/requests").json()
        httpx.delete(f"{self.url}/_emulator/requests")
        return [f"{item['method']} {item['path']}" for item in log]

    def show_requests(self) -> list[str]:
        asked = self.requests()
        print(f"  requests to the service: {len(asked)}")
        for line in asked:
            print(f"    {line}")
        return asked


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


def start(url: str) -> Demo:
    """A fresh stack whose settings point at the page."""
    environment = {
        **find_engine().environment(WORK),
        "INCIDENT_ENDPOINT": url,
        "INCIDENT_API_KEY": "emulator-write",
    }
    demo = Demo(url, environment)
    subprocess.run(["pulumi", "stack", "init", STACK], cwd=HERE, env=environment, check=True, capture_output=True)
    begins = (datetime.now(timezone.utc) + timedelta(days=2)).replace(hour=22, minute=0, second=0)
    os.environ |= {"INCIDENT_ENDPOINT": url, "INCIDENT_API_KEY": "emulator-read"}
    acme = statuspage.get_status_page(name="Acme Status")
    demo.config(
        page=acme.id,
        databaseComponent=acme.component("EU / Database").id,
        dashboardComponent=acme.component("Dashboard").id,
        startAt=f"{begins:%Y-%m-%dT%H:%M:%SZ}",
        database=str(WORK / "orders.sqlite"),
        schemaVersion="1",
    )
    subscribers = {"status_page_id": acme.id, "count": 250}
    httpx.post(f"{url}/_emulator/subscribers", json=subscribers).raise_for_status()
    demo.requests()
    return demo


def story(demo: Demo) -> None:
    say("preview: what a reviewer sees. Nothing is posted.")
    demo.pulumi("preview", "--diff")
    _expect_none(demo.show_requests(), "preview")

    say("up: the window is announced first, then the database is made.")
    demo.pulumi("up", "--yes", "--skip-preview")
    demo.show_requests()
    print(f"  look at the page: {demo.url}/pages/acme")

    say("up again: nothing has changed, so nothing is sent.")
    demo.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")
    _expect_none(demo.show_requests(), "a run without a change")

    say("up with edits: the window moves (subscribers are told), the incident is resolved, the schema is upgraded.")
    later = datetime.now(timezone.utc) + timedelta(days=3)
    demo.config(
        startAt=f"{later:%Y-%m-%dT22:00:00Z}",
        incidentStatus="resolved",
        incidentMessage="Reports are back to their usual speed.",
        schemaVersion="2",
    )
    demo.pulumi("up", "--yes", "--skip-preview", "--diff")
    demo.show_requests()

    say("refresh: the page is as recorded.")
    demo.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    _expect_none([line for line in demo.show_requests() if not line.startswith("GET ")], "refresh")


def finish(demo: Demo) -> None:
    say("destroy: a window that has not begun is deleted. The incident is resolved already, so it stays as history.")
    demo.pulumi("destroy", "--yes", "--skip-preview")
    demo.show_requests()


def outbox(demo: Demo) -> None:
    mails = httpx.get(f"{demo.url}/_emulator/notices").json()
    say(f"what subscribers would have received: {len(mails)} notice(s)")
    for mail in mails:
        print(f"  {mail['at'][:16]}Z  {mail['recipients']} subscribers  {mail['status']}  {mail['name']}")
        print(textwrap.indent(textwrap.fill(mail["message"], 100), "    "))


def how_to_go_on(demo: Demo) -> None:
    say("page and stack stay up. To go on by hand:")
    names = [name for name in demo.environment if name.startswith(("PULUMI_", "INCIDENT_"))]
    for name in ["PATH", *names]:
        value = demo.environment[name]
        print(f'  export {name}="{value.split(":")[0]}:$PATH"' if name == "PATH" else f'  export {name}="{value}"')
    print(f"  pulumi up --stack {STACK}          # the program is __main__.py")
    print(f"  open {demo.url}/pages/acme")
    print("  make demo                      # starts afresh, and stops this page")


def _expect_none(asked: list[str], run: str) -> None:
    if asked:
        raise SystemExit(f"demo: {run} asked the service: {asked}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave page and stack up")
    keep = parser.parse_args().keep
    _stop_kept_page()
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir()
    (HERE / f"Pulumi.{STACK}.yaml").unlink(missing_ok=True)
    with page(keep) as url:
        demo = start(url)
        story(demo)
        if keep:
            outbox(demo)
            how_to_go_on(demo)
            return
        finish(demo)
        outbox(demo)
    (HERE / f"Pulumi.{STACK}.yaml").unlink(missing_ok=True)


if __name__ == "__main__":
    main()
