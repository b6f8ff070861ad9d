"""The harness itself, on a toy provider: what goes in arrives, what comes out is readable."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)
from pulumi.output import Unknown

from tests.support.plugin_process import UNKNOWN, Plugin, PluginError


class Toy(ResourceProvider):
    colour: str

    def configure(self, req: ConfigureRequest) -> None:
        self.colour = req.config.get("toy:colour") or "none"

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        if isinstance(news.get("name"), Unknown):
            return CheckResult({**news, "seen": "unknown"}, [])
        failures = [] if news.get("name") else [CheckFailure("name", "is missing")]
        return CheckResult({**news, "seen": type(news.get("size")).__name__, "old": _olds.get("name")}, failures)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        if _olds["name"] == _news["name"]:
            return DiffResult(changes=False)
        return DiffResult(changes=None, replaces=["name"], delete_before_replace=True)

    def create(self, props: dict[str, Any]) -> CreateResult:
        if props["name"] == "bad":
            raise ValueError("no such name")
        print(f"made {props['name']}", flush=True)
        return CreateResult("toy-1", {**props, "colour": self.colour, "shell": os.environ.get("TOY_SHELL")})

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        return ReadResult(None, {}) if id_ == "gone" else ReadResult(id_, {"name": "now"}, {"name": "then"})

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        return UpdateResult({"was": _olds["name"], "name": _news["name"]})

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        raise ValueError(f"{_id} {_props['name']}")


TOY = Toy()


@pytest.fixture(scope="module")
def plugin() -> Iterator[Plugin]:
    with Plugin({"TOY_SHELL": "hard"}) as running:
        running.configure({"toy:colour": "blue"})
        yield running


def test_check_answers_inputs_and_failures(plugin: Plugin) -> None:
    assert plugin.check(TOY, {"name": "n", "size": 1}) == ({"name": "n", "size": 1, "seen": "float"}, [])
    assert plugin.check(TOY, {"name": "n"}, {"name": "before"}).inputs["old"] == "before"
    assert plugin.check(TOY, {"name": None}).failures == [("name", "is missing")]


def test_an_unknown_arrives_as_one_and_comes_back_as_one(plugin: Plugin) -> None:
    news = {"name": UNKNOWN, "list": [UNKNOWN, {"deep": UNKNOWN}]}
    assert plugin.check(TOY, news).inputs == {**news, "seen": "unknown"}


def test_diff_keeps_its_three_answers_apart(plugin: Plugin) -> None:
    assert plugin.diff(TOY, "toy-1", {"name": "a"}, {"name": "a"}) == (False, [], False)
    assert plugin.diff(TOY, "toy-1", {"name": "a"}, {"name": "b"}) == (None, ["name"], True)


def test_configuration_environment_and_printed_lines(plugin: Plugin) -> None:
    made = plugin.create(TOY, {"name": "n"})
    assert made == ("toy-1", {"name": "n", "colour": "blue", "shell": "hard"})
    assert plugin.printed("made n")


def test_read_update(plugin: Plugin) -> None:
    assert plugin.read(TOY, "toy-1", {"name": "n"}) == ("toy-1", {"name": "now"}, {"name": "then"})
    assert plugin.read(TOY, "gone", {"name": "n"}).id == ""
    assert plugin.read(TOY, "toy-1", {}, {"name": "n"}).outs == {"name": "now"}
    assert plugin.update(TOY, "toy-1", {"name": "a"}, {"name": "b"}) == {"was": "a", "name": "b"}


def test_an_error_shows_what_the_user_would_see(plugin: Plugin) -> None:
    with pytest.raises(PluginError) as raised:
        plugin.create(TOY, {"name": "bad"})
    assert raised.value.details.endswith("ValueError: no such name\n")
    assert raised.value.details.startswith("Traceback")
    with pytest.raises(PluginError, match="delete"):
        plugin.delete(TOY, "toy-1", {"name": "n"})


def test_a_killed_plugin_fails_the_next_call() -> None:
    with Plugin() as plugin:
        plugin.kill()
        with pytest.raises(PluginError) as raised:
            plugin.check(TOY, {"name": "n"})
    assert raised.value.code == "UNAVAILABLE"
