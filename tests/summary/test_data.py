"""The summary as JSON: it carries what the other formats tell, in the shape that its schema says."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from statuspage_provider.__main__ import main
from statuspage_provider.summary.blocks import Message, Table, Warnings
from statuspage_provider.summary.data import SummaryData, schema, to_json
from statuspage_provider.summary.document import document
from statuspage_provider.summary.forecast import Summary, summarise
from statuspage_provider.summary.plan import read_plan
from statuspage_provider.summary.report import report
from tests.support.page import Page, look
from tests.support.plans import PLANS, previewed
from tests.support.previews import merged, preview, printed

GOLDEN = Path(__file__).parent / "golden"

# Those in which most fields have a value.
KEPT = ["covered-change-that-starts-the-window", "several-windows-and-an-incident", "window-announced-anew-by-triggers"]


@pytest.fixture
def summaries(page: Page) -> dict[str, Summary]:
    return {name: summarise(read_plan(text), now) for name, (text, now) in previewed(page).items()}


def described(value: Any, fields: dict[str, Any], at: str = "") -> Iterator[str]:
    """Where a value has other fields than its schema says."""
    if "$ref" in fields:
        fields = SCHEMA["$defs"][fields["$ref"].rpartition("/")[2]]
    if isinstance(value, list):
        for item in value:
            yield from described(item, fields.get("items", {}), f"{at}[]")
    if not isinstance(value, dict) or not (fields := objects_in(fields)):
        return
    if set(value) != set(fields["properties"]) or set(value) != set(fields["required"]):
        yield at
    for key, item in value.items():
        yield from described(item, fields["properties"].get(key, {}), f"{at}.{key}")


def objects_in(fields: dict[str, Any]) -> dict[str, Any]:
    """What is said of an object that may also be null."""
    for one in [fields, *fields.get("anyOf", [])]:
        found = SCHEMA["$defs"][one["$ref"].rpartition("/")[2]] if "$ref" in one else one
        if "properties" in found:
            return dict(found)
    return {}


SCHEMA: dict[str, Any] = json.loads(schema())


def test_it_has_the_fields_of_its_schema_and_no_other(summaries: dict[str, Summary]) -> None:
    for name, summary in summaries.items():
        text = to_json(summary)
        SummaryData.model_validate_json(text, strict=True)
        assert list(described(json.loads(text), SCHEMA)) == [], name
        assert "hunter2" not in text, name
        assert text.isascii(), name


def test_another_judge_of_schemas_finds_nothing_either(summaries: dict[str, Summary]) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="it comes with the dev dependencies")
    judge = jsonschema.Draft202012Validator(SCHEMA)
    for name, summary in summaries.items():
        assert list(judge.iter_errors(json.loads(to_json(summary)))) == [], name


def test_each_field_says_what_it_is() -> None:
    for name, fields in [*SCHEMA["$defs"].items(), ("", SCHEMA)]:
        told = [field for field in fields["properties"].values() if "$ref" not in field]
        assert all(field.get("description") for field in [fields, *told]), name


def test_what_the_other_formats_tell_is_in_it(summaries: dict[str, Summary]) -> None:
    for plan, summary in summaries.items():
        said = {*texts(json.loads(to_json(summary))), "(known only during pulumi up)"}
        assert set(told_elsewhere(summary)) <= said, plan


def told_elsewhere(summary: Summary) -> Iterator[str]:
    for block in document(summary):
        match block:
            case Message(_, text):
                yield text
            case Warnings(items):
                told = (re.sub("^The preview failed: ", "", item) for item in items)
                yield from (line for line in told if not line.startswith("What it did not come to"))
            case Table(rows, ("resource", "change", *_)):
                for name, change, what in rows:
                    yield from (name, change, re.sub(r"^outside=\w+: ", "", what))


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value


def test_it_counts_what_it_lists(summaries: dict[str, Summary]) -> None:
    for name, summary in summaries.items():
        found = json.loads(to_json(summary))
        steps = [step for one in found["objects"] for step in one["steps"]]
        assert found["posts"] == sum(step["public"] for step in steps), name
        assert found["emails"] == sum(step["emailed"] is True for step in steps), name
        quiet = not found["objects"] and not found["covered"] and not found["preview"]["failed"]
        assert found["quiet"] is quiet, name


@pytest.mark.parametrize("name", KEPT)
def test_it_is_as_it_was_looked_at(page: Page, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = PLANS[name](page)
    monkeypatch.chdir(tmp_path)
    shown, file = report(text, page.now, form="json").text, GOLDEN / f"{name}.json"
    # The emulated page makes another id each time.
    shown = re.sub('(?<="id": ")[^"]+', "01H…", shown)
    if os.environ.get("GOLDEN") == "write":
        file.write_text(shown)
    assert shown == file.read_text()


def test_every_one_that_is_kept_has_its_plan() -> None:
    assert {file.stem for file in GOLDEN.glob("*.json")} == set(KEPT)


def test_what_is_unknown_is_null_and_named(page: Page) -> None:
    (one,) = of(PLANS["window-whose-start-is-unknown"](page), page)["objects"]
    assert (one["unknown"], one["start_at"], one["end_at"]) == (["start_at"], None, None)
    (one,) = of(PLANS["window-whose-message-is-unknown"](page), page)["objects"]
    assert [(step["message"], step["emailed"]) for step in one["steps"]] == [(None, False), (None, True)]
    assert one["message"] is None
    assert "known only during" not in json.dumps(one["steps"])


def test_it_tells_a_broken_rule_in_its_parts_and_the_command_ends_as_with_any_format(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pyproject.toml").write_text('[tool.statuspage.rules]\nlongest_window = "1h"\n')
    Path("plan.json").write_text(printed(preview("window", page.maintenance())))
    capsys.readouterr()
    assert main(["summary", "plan.json", "--format", "json"]) == 1
    (breach,) = json.loads(capsys.readouterr().out)["broken_rules"]
    assert (breach["resource"], breach["rule"]) == ("window", "longest_window")
    assert breach["fix"] == "Make it shorter, or split it in two"


def test_a_preview_that_failed_is_told_with_its_reasons(page: Page) -> None:
    found = of(PLANS["program-that-failed"](page), page)
    assert found["preview"] == {"failed": True, "reasons": ["Exception: boom"]}
    assert (found["quiet"], found["certain"], len(found["objects"])) == (False, False, 1)
    assert of(PLANS["preview-that-was-cut-off"](page), page)["quiet"] is False


def test_where_a_service_does_not_say_whether_it_emails_it_is_null(page: Page) -> None:
    (one,) = of(PLANS["window-removed-on-statuspage-me"](page), page)["objects"]
    assert [(step["what"], step["emailed"]) for step in one["steps"]] == [("delete", None)]


def test_a_look_at_the_page_names_components_and_tells_what_else_is_there(page: Page) -> None:
    page.maintenance(idempotency_key="theirs", name="Theirs").up()
    ours = preview("window", page.maintenance(idempotency_key="ours"))
    statuses = {page.database: "degraded_performance"}
    incident = preview("slow", page.incident(component_statuses=statuses))
    found = json.loads(report(printed(merged(ours, incident)), page.now, form="json", live=look(page)).text)
    window, slow = found["objects"]
    named = {"component_id": page.database, "name": "EU / Database"}
    assert window["components"] == [{**named, "component_status": None}]
    assert slow["components"] == [{**named, "component_status": "degraded_performance"}]
    assert window["findings"][0].startswith("“Theirs” is on the page for EU / Database at the same time")
    assert [one["name"] for one in found["other_windows"]] == ["Theirs, on the page"]


def of(text: str, page: Page) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(to_json(summarise(read_plan(text), page.now)))
    return found
