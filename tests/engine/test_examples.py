"""Each example, as a user would run it: its story on a real engine against the emulated page."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from statuspage_provider.emulator import Emulator
from tests.support.job import NOON, Job
from tests.support.stack import Stack

pytestmark = pytest.mark.engine

EXAMPLES = Path(__file__).parents[2] / "examples"
ANNOUNCE, TELL, INCIDENT = (f"POST status_page_{kind}" for kind in ("maintenances", "maintenance_updates", "incidents"))
STAGES = ["scheduled", "in_progress", "complete"]


class Example(Job):
    """A copy of an example, with the settings that its README asks for."""

    def config(self, **values: Any) -> None:
        # The settings file itself: each `pulumi config set` takes as long as half a run.
        file = self.stack.folder / f"Pulumi.{self.stack.name}.yaml"
        settings = yaml.safe_load(file.read_text())
        named = {f"{self.stack.folder.name}:{key}": value for key, value in values.items()}
        settings["config"] = {**settings.get("config", {}), **named}
        file.write_text(yaml.safe_dump(settings))

    def timelines(self) -> list[list[str]]:
        """What each window published, the oldest window first."""
        windows = sorted(self.windows(), key=lambda window: window["published_at"])
        return [[update["maintenance_status"].split("_", 1)[1] for update in one["updates"]] for one in windows]

    def incidents(self) -> list[dict[str, Any]]:
        answer = httpx.get(
            f"{self.url}/v2/status_page_incidents",
            params={"status_page_id": self.emulator.page_id},
            headers={"Authorization": "Bearer emulator-read"},
        )
        self.emulator.clear_requests()
        return list(answer.json()["status_page_incidents"])

    def rows(self, database: str, query: str) -> list[Any]:
        with closing(sqlite3.connect(self.stack.folder / database)) as opened:
            return [value for (value,) in opened.execute(query)]

    def ends(self) -> None:
        """How every story ends: a run without a change posts nothing, and the stack can go."""
        self.wrote()
        again = self.stack.up()
        assert set(again.changes) == {"same"}
        assert self.wrote() == []
        self.stack.destroy()
        assert self.wrote() == []


@pytest.fixture
def example(request: pytest.FixtureRequest, served: tuple[Emulator, str], tmp_path: Path) -> Example:
    emulator, url = served
    emulator.reset()
    name = request.function.__name__.removeprefix("test_").replace("_", "-")
    made = shutil.ignore_patterns("Pulumi.*.yaml", "*.sqlite", "__pycache__")
    folder = shutil.copytree(EXAMPLES / name, tmp_path / name, ignore=made)
    stack = Stack(folder)
    stack.init()
    example = Example(stack, emulator, url)
    example.at(NOON)
    example.config(pageId=emulator.page_id)
    return example


def test_announced_upgrade(example: Example) -> None:
    example.config(
        componentId=example.emulator.components["EU / Database"],
        startAt="2026-03-04T22:00:00Z",
        endAt="2026-03-04T23:30:00Z",
    )
    early = example.stack.up(check=False)
    assert early.code != 0
    assert any("“Orders database upgrade” opens Wed 4 Mar 2026, 22:00 UTC, in 3 d" in line for line in early.errors)
    assert early.tracebacks == []
    assert example.wrote() == [ANNOUNCE]
    columns = "select name from pragma_table_info('orders')"
    assert "currency" not in example.rows("orders.sqlite", columns)

    example.advance(days=3, hours=10, minutes=5)
    assert example.stack.up().changes == {"create": 1, "same": 2}
    assert example.wrote() == [TELL]
    assert "currency" in example.rows("orders.sqlite", columns)
    assert example.timelines() == [STAGES]
    example.ends()


def test_deploy_window(example: Example) -> None:
    example.config(componentId=example.emulator.components["API"], version="1.0")
    example.stack.up()
    assert example.wrote() == [ANNOUNCE, TELL]

    example.advance(days=1)
    example.config(version="1.1")
    example.stack.up()
    assert example.wrote() == [ANNOUNCE, TELL]
    assert example.rows("deployments.sqlite", "select version from live order by id") == ["1.0", "1.1"]
    assert example.timelines() == [STAGES[1:], STAGES[1:]]

    example.advance(days=1)
    example.ends()


def test_several_resources(example: Example) -> None:
    databases = ("orders.sqlite", "customers.sqlite", "reports.sqlite")

    def schemas() -> list[int]:
        return [example.rows(name, "pragma user_version")[0] for name in databases]

    ids = [example.emulator.components[name] for name in ("EU / Database", "Dashboard")]
    example.config(componentIds=ids, startAt="2026-03-01T12:00:00Z", schemaVersion="1")
    example.stack.up()
    assert schemas() == [1, 1, 1]

    # The first window was completed early. The next one is announced while its declared time still runs.
    example.advance(minutes=30)
    example.config(startAt="2026-03-08T12:00:00Z", schemaVersion="2")
    example.asked()
    held = example.stack.up()
    assert "any change under it is held" in held.output
    assert example.wrote() == [ANNOUNCE]
    assert schemas() == [1, 1, 1]

    example.advance(days=7)
    assert example.stack.up().changes == {"same": 2, "update": 3}
    assert example.wrote() == [TELL]
    assert schemas() == [2, 2, 2]
    assert example.timelines() == [STAGES[1:], STAGES]
    example.ends()


def test_failed_change(example: Example) -> None:
    example.config(componentId=example.emulator.components["EU / Database"], column="emial")
    failed = example.stack.up(check=False)
    assert failed.code != 0
    assert "no such column: emial" in failed.output
    assert example.wrote() == [ANNOUNCE, INCIDENT]
    assert example.timelines() == [STAGES[1:2]]

    example.config(column="email")
    example.stack.up()
    assert example.wrote() == [TELL]
    assert example.timelines() == [STAGES[1:]]
    assert example.rows("customers.sqlite", "select name from pragma_index_list('customers')") == ["customers_by_email"]
    [incident] = example.incidents()
    assert incident["updates"][0]["message"].startswith("The index could not be added.")
    example.ends()


def test_stack_wide(example: Example) -> None:
    def retention() -> dict[str, int]:
        files = sorted(example.stack.folder.glob("*.json"))
        return {file.stem: json.loads(file.read_text())["retention_days"] for file in files}

    queues = ["mails", "shop-orders", "shop-payments"]
    example.config(componentId=example.emulator.components["API"], startAt="2026-03-01T12:00:00Z", retentionDays="7")
    example.stack.up()
    assert retention() == {"dashboard": 7, **dict.fromkeys(queues, 7)}
    assert example.wrote() == [ANNOUNCE, TELL]

    example.advance(days=1)
    example.config(startAt="2026-03-08T12:00:00Z", retentionDays="14")
    refused = example.stack.up("--continue-on-error", check=False)
    assert refused.code != 0
    assert retention() == {"dashboard": 14, **dict.fromkeys(queues, 7)}
    assert example.wrote() == [ANNOUNCE]

    example.advance(days=6, minutes=5)
    example.stack.up()
    assert retention() == {"dashboard": 14, **dict.fromkeys(queues, 14)}
    assert example.wrote() == [TELL]
    assert example.timelines() == [STAGES[1:], STAGES]
    example.ends()


def test_guarded_deletion(example: Example) -> None:
    def tables() -> list[str]:
        return example.rows("orders.sqlite", "select name from sqlite_master where type = 'table' order by name")

    example.config(
        componentId=example.emulator.components["EU / Database"],
        startAt="2026-03-01T14:00:00Z",
        tables=["orders", "drafts"],
    )
    example.stack.up()
    assert tables() == ["drafts", "orders"]
    assert example.wrote() == [ANNOUNCE]

    example.config(tables=["orders"])
    refused = example.stack.up(check=False)
    assert any("drafts: “Database clean-up” opens" in line and "It was not deleted" in line for line in refused.errors)
    assert tables() == ["drafts", "orders"]
    assert example.wrote() == []

    example.advance(hours=2, minutes=5)
    example.stack.up()
    assert tables() == ["orders"]
    assert example.timelines() == [STAGES]
    example.wrote()
    assert set(example.stack.up().changes) == {"same"}
    assert example.wrote() == []


def test_next_slot(example: Example) -> None:
    def levels() -> list[Any]:
        return example.rows("server.sqlite", "select level from patches")

    def nights() -> list[str]:
        return sorted(one["component_maintenance_periods"][0]["start_at"] for one in example.windows())

    example.config(componentId=example.emulator.components["API"], patchLevel="1")
    example.stack.up()
    assert example.wrote() == [ANNOUNCE]
    assert levels() == [1]

    # A patch waits for the window. The preview shows it, and says that it is held.
    example.config(live="true", patchLevel="2")
    preview = example.stack.preview()
    assert preview.changes == {"same": 1, "update": 1}
    assert ": held: " in preview.output
    assert example.stack.up().changes == {"same": 2}
    assert example.wrote() == []

    # In the window it is applied, and the window ends with it.
    example.at(datetime(2026, 3, 3, 21, 5, tzinfo=timezone.utc))
    assert example.stack.up().changes == {"same": 1, "update": 1}
    assert example.wrote() == [TELL]
    assert levels() == [1, 2]

    # Once it is over it is followed, and the next patch waits for the next one.
    example.advance(minutes=10)
    example.config(patchLevel="3")
    assert example.stack.up().changes == {"same": 1, "replace": 1}
    assert example.wrote() == [ANNOUNCE]
    assert nights() == ["2026-03-03T21:00:00Z", "2026-03-10T21:00:00Z"]
    assert levels() == [1, 2]

    example.advance(days=7)
    example.stack.up()
    assert example.wrote() == [TELL]
    assert levels() == [1, 2, 3]
    assert example.timelines() == [STAGES, STAGES]
    assert example.stack.up().changes == {"same": 1, "replace": 1}
    assert nights()[2:] == ["2026-03-17T21:00:00Z"]
    example.wrote()
    assert example.stack.up().changes == {"same": 2}
    example.stack.destroy()
    assert example.wrote() == ["DELETE status_page_maintenances"]
    assert nights() == ["2026-03-03T21:00:00Z", "2026-03-10T21:00:00Z"]


def test_every_example_has_a_story() -> None:
    names = {
        f"test_{folder.name.replace('-', '_')}" for folder in EXAMPLES.iterdir() if (folder / "Pulumi.yaml").exists()
    }
    assert names <= set(globals())
    assert names
