"""One object that state holds twice, as after a replacement in a run that failed: the engine deletes both at once."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from statuspage_provider.operations import incident, maintenance
from tests.support.page import Page


@pytest.fixture(params=["window", "incident"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_it_is_ended_once(page: Page, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module: Any = maintenance if kind == "window" else incident
    program = page.maintenance(notify_subscribers=True) if kind == "window" else page.incident(notify_subscribers=True)
    program.up()
    page.advance(hours=3)
    provider, published = program._provider(), module.publish
    second = threading.Thread(target=lambda: provider.delete(program.id, dict(program.outs)))

    def publish(*given: Any, **options: Any) -> Any:
        # The first has looked at the page, and has told nothing yet.
        monkeypatch.setattr(module, "publish", published)
        second.start()
        second.join(0.3)
        return published(*given, **options)

    monkeypatch.setattr(module, "publish", publish)
    mails = len(page.emulator.notices)
    provider.delete(program.id, dict(program.outs))
    second.join()
    assert len(page.emulator.notices) == mails + 1


def test_what_a_first_deletion_could_not_end_the_second_ends(page: Page, kind: str) -> None:
    program = page.maintenance() if kind == "window" else page.incident()
    program.up()
    page.advance(hours=3)
    provider = program._provider()
    page.emulator.fault(kind="status:422", times=1, method="POST")
    with pytest.raises(Exception, match="422"):
        provider.delete(program.id, dict(program.outs))
    page.emulator.clear_requests()
    provider.delete(program.id, dict(program.outs))
    assert len(page.wrote()) == 1


def test_what_is_retained_by_one_resource_is_ended_by_the_other(page: Page, kind: str) -> None:
    program = page.maintenance() if kind == "window" else page.incident()
    program.up()
    page.advance(hours=3)
    provider = program._provider()
    page.emulator.clear_requests()
    provider.delete(program.id, {**program.outs, "on_delete": "retain"})
    assert page.wrote() == []
    provider.delete(program.id, dict(program.outs))
    assert len(page.wrote()) == 1


def test_a_create_that_failed_may_be_tried_again(page: Page, kind: str) -> None:
    """As by an error hook of the program, in one run."""
    program = page.maintenance() if kind == "window" else page.incident()
    provider = program._provider()
    inputs = provider.check({}, dict(program.inputs)).inputs
    page.emulator.fault(kind="status:422", times=1, method="POST")
    with pytest.raises(Exception, match="422"):
        provider.create(dict(inputs))
    assert provider.create(dict(inputs)).outs["generation"] == 1


def test_on_another_page_one_key_is_of_another_object(page: Page) -> None:
    program = page.incident()
    provider = program._provider()
    inputs = provider.check({}, dict(program.inputs)).inputs
    made = [provider.create({**inputs, "status_page_id": at}).id for at in (page.id, page.emulator.add_page("Other"))]
    assert len(set(made)) == 2
