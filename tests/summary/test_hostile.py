"""Plans as no engine prints them: kept stories, some of it changed by chance. Each is answered, in a moment.

`HOSTILE=3000` in the environment takes so many, `HOSTILE_SEED=2` others.
"""

from __future__ import annotations

import contextlib
import copy
import io
import json
import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from pulumi.runtime.rpc import UNKNOWN

from statuspage_provider import Refused
from statuspage_provider.__main__ import main
from statuspage_provider.inputs import MaintenanceInputs, declarations
from statuspage_provider.summary import plan
from statuspage_provider.summary.report import FORMATS
from tests.support.page import Page
from tests.support.plans import previewed

COUNT, SEED = int(os.environ.get("HOSTILE", "150")), os.environ.get("HOSTILE_SEED", "1")

HANGS_S = 30
"""No plan of that size takes a hundredth of it."""

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": '"x"'}

VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 10**9, 10**30, 1e308, float("inf"), float("nan"), 0.5),
    *("", " ", "\n", "\x1b[31m", "\ud800", "\u202e", "x" * 5000, UNKNOWN, "[secret]"),
    *(part * 20_000 for part in ("\n", " \n", "a ", "#", "[", "`", "\\", "<", "&", "{", "0", "/", "::", "é")),
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-03-01T14:00:00Z", "+15m", "-1h", "99999999999h", "P1Y"),
    *("Europe/Berlin", "../../etc/passwd", "maintenance_complete", "complete", "in_progress", "scheduled", "postponed"),
    *([], {}, [[]], [None], [{}], {"": ""}, SECRET, [UNKNOWN], ["x"] * 3000, {"a": {"b": [1, {"c": None}]}}),
)
OPS = ("create", "update", "replace", "delete", "same", "delete-replaced", "read", "refresh", "", "import", "discard")
NOISE = (
    "\n" * 50_000,
    " " * 50_000,
    "{" * 50_000,
    "[" * 50_000,
    '{"a":' * 50_000,
    "}\n{" * 5000,
    "{}" * 5000,
    "\0",
    "",
)


def deep(levels: int = 400) -> Any:
    value: Any = "end"
    for level in range(levels):
        value = [value] if level % 2 else {"deeper": value}
    return value


def places(document: Any) -> list[tuple[Any, Any]]:
    """Each place in a document: what holds it, and under which key."""
    found, todo = [], [document]
    while todo:
        one = todo.pop()
        keys: Any = one if isinstance(one, dict) else range(len(one)) if isinstance(one, list) else ()
        found += [(one, key) for key in keys]
        todo += [one[key] for key in keys]
    return found


def mutated(text: str, chance: random.Random) -> str:
    documents = list(_documents(text))
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        document = chance.choice(documents)
        held, key = chance.choice(places(document) or [(document, "steps")])
        kind = chance.randrange(10)
        if kind < 5:
            held[key] = copy.deepcopy(chance.choice(VALUES))
        elif kind == 5:
            held[key] = chance.choice(OPS)
        elif kind == 6:
            held[key] = deep()
        elif kind == 7:
            held.pop(key, None) if isinstance(held, dict) else held.pop(key)
        elif kind == 8:
            other, its = chance.choice(places(document) or [({"": ""}, "")])
            held[key] = _copy(other[its])
        elif isinstance(held, list) and len(json.dumps(held)) < 20_000:
            held.extend(_copy(held) * chance.choice((1, 50)))
    try:
        text = "\n".join(json.dumps(document, ensure_ascii=chance.random() < 0.8) for document in documents)
    except RecursionError:  # one depth in another
        return text
    if chance.random() < 0.1:
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice(NOISE) + text[at:]
    return text if chance.random() < 0.97 else text[: chance.randrange(len(text) + 1)]


def _documents(text: str) -> Iterator[Any]:
    decoder, at = json.JSONDecoder(), 0
    while (at := text.find("{", at)) >= 0:
        try:
            document, at = decoder.raw_decode(text, at)
        except ValueError:
            at += 1
            continue
        yield document


def _copy(value: Any) -> Any:
    return json.loads(json.dumps(value))


def fault(text: str, *options: str) -> str | None:
    """What is wrong with how the command answers a plan, if anything is."""
    file, output = Path("plan.json"), Path("summary")
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    output.unlink(missing_ok=True)
    said = io.StringIO()

    def hangs(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, hangs)
    signal.alarm(HANGS_S)
    try:
        with contextlib.redirect_stderr(said):
            code = main(["summary", str(file), "--output", str(output), *options])
    except BaseException as error:
        return f"it leaves with {error!r}"
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    lines = said.getvalue().split("\n")[:-1]
    if any("this is a bug in" in line for line in lines):
        return lines[0]
    if any(not line.startswith("statuspage: ") or not line.isprintable() for line in lines):
        return f"a line that is none of ours: {lines}"
    if len(lines) != (code == 2) and code not in (1, 3):
        return f"{code}, and {len(lines)} lines"
    if output.exists() != (code != 2):
        return f"{code}, and a summary is there: {output.exists()}"
    return None


@pytest.fixture
def stories(page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    texts = {name: one.text for name, one in previewed(page).items()}
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text(RULES)
    return texts


RULES = """
[tool.statuspage.rules]
minimum_notice = "24h"
longest_window = "1h"
time_zone = "Europe/Berlin"
weekdays = ["Tue", "Wed"]
hours = "22:00-06:00"
freeze = ["2026-03-01/2026-03-05"]
overlap = false
covered_types = ["aws:*"]
"""


def test_a_plan_that_was_changed_by_chance_is_answered_as_any_other(stories: dict[str, str]) -> None:
    chance = random.Random(SEED)
    names, forms, faults = sorted(stories), [*FORMATS, "json"], []
    for number in range(COUNT):
        name = names[number % len(names)]
        text = mutated(stories[name], chance)
        form = forms[number % len(forms)]
        wrong = fault(text, "--format", form, "--time-zone", "Europe/Berlin", "--calendar", "windows.ics")
        if wrong is not None:
            faults.append(f"{number} {name} {form}: {wrong}")
            if keep := os.environ.get("HOSTILE_KEEP"):
                (Path(keep) / f"{number}.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    assert not faults, "\n".join([f"{len(faults)} of {COUNT}", *faults])


def large(what: str) -> str:
    """A plan that took minutes, or for ever."""
    start = {"steps": [{"op": "update", "urn": "urn:pulumi:s::p::t::n"}]}
    noise = {
        "line breaks": "\n" * 500_000,
        "spaces": " " * 500_000,
        "documents that never end": '{"a": [1,\n' * 800 + "1," * 200_000,
        "braces": "{\n" * 100_000,
        "one number": '{"steps": ' + "1" * 500_000 + "}",
        "lists": '{"steps": ' + "[" * 200_000,
    }
    if what in noise:
        return f"{noise[what]}\n{json.dumps(start)}"
    refused = "property message value {" * 20_000
    return json.dumps({**start, "diagnostics": [{"severity": "error", "message": refused}]})


@pytest.mark.parametrize(
    "what",
    ["line breaks", "spaces", "documents that never end", "braces", "one number", "lists", "values that were refused"],
)
def test_a_plan_that_was_made_to_take_long_is_answered_at_once(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert fault(large(what)) is None


def test_a_plan_that_is_too_long_is_refused_and_not_cut(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(plan, "LIMIT", 10)
    Path("plan.json").write_text('{"steps": []}')
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        assert main(["summary", "plan.json"]) == 2
    assert said.getvalue() == "statuspage: this preview cannot be read: it is longer than 10 characters\n"


def test_a_plan_of_thousands_of_windows_is_refused(stories: dict[str, str]) -> None:
    document = json.loads(stories["window-announced"])
    document["steps"] += [document["steps"][1]] * plan.MOST
    with pytest.raises(Refused, match="more than 1000 windows and incidents"):
        plan.read_plan(json.dumps(document))


@pytest.mark.parametrize(
    ("recorded", "line"),
    [
        ({"generation": 10**9}, "the recorded state cannot be read: its generation is above 1000"),
        ({"message": None}, "the recorded state cannot be read: message is missing or is not a valid message"),
        (
            {"affected_component_ids": [["a"]]},
            "affected_component_ids is missing or is not a valid affected_component_ids",
        ),
        *(
            ({name: 1.5}, f"the recorded state cannot be read: {name} is missing or is not a valid {name}")
            for name, declared in declarations(MaintenanceInputs).items()
            if declared.type != "list"
        ),
        (
            {"triggers": deep()},
            "orders-upgrade: cannot be read: its lists and maps are nested more than 64 levels deep",
        ),
    ],
)
def test_a_state_that_is_none_is_told(stories: dict[str, str], recorded: dict[str, Any], line: str) -> None:
    document = json.loads(stories["window-moved-silently"])
    document["steps"][1]["oldState"]["outputs"] |= recorded
    Path("plan.json").write_text(json.dumps(document))
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        main(["summary", "plan.json", "--format", "html", "--output", "summary.html"])
    shown = Path("summary.html").read_text() if Path("summary.html").exists() else ""
    assert line in said.getvalue() + shown


@pytest.mark.parametrize(
    "rules", ["freeze = " + "[" * 400 + "]" * 400, "a.b" + ".c" * 2000 + " = 1", "x = " + "[" * 9999]
)
def test_rules_that_lie_deep_in_each_other_are_one_line(stories: dict[str, str], rules: str) -> None:
    Path("pyproject.toml").write_text(f"[tool.statuspage.rules]\n{rules}\n")
    wrong = fault(stories["window-announced"])
    assert wrong is None
    assert not Path("summary").exists()
