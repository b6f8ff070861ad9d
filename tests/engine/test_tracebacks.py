"""What counts as a traceback that a user was shown, and what is Pulumi's own."""

from __future__ import annotations

from tests.support.stack import Result

STOOD = 'Traceback (most recent call last):\n\n  File "/bin/pulumi-language-python-exec", line 232\n\n    run(coro)\n\n'
OURS = 'Traceback (most recent call last):\n  File "statuspage_provider/incident.py", line 1\n    ask()\nKeyError: 1\n'


def shown(*lines: str, urn: str = "") -> list[str]:
    events = [{"diagnosticEvent": {"severity": "info#err", "urn": urn, "message": line}} for line in lines]
    return Result("up", 1, "", "", events).tracebacks


def test_where_a_program_stood_when_pulumi_interrupted_it_is_pulumi_s_own() -> None:
    between = "KeyboardInterrupt\n\n", "During handling of the above exception, another exception occurred:\n\n"
    assert shown(*STOOD.splitlines(keepends=True), *between, STOOD, "KeyboardInterrupt: \n") == []
    warned = "/lib/asyncio/base_events.py:678: RuntimeWarning: coroutine 'x' was never awaited\n\n"
    assert shown(STOOD, warned, "  self._ready.clear()\n", "KeyboardInterrupt\n") == []
    assert shown(STOOD, "KeyboardInterrupt\n", STOOD, "RuntimeError: the loop is closed\n") == []
    assert shown(STOOD, "object address  : 0x7fdf5c40f5e0\n") == []
    assert shown(STOOD) == [], "it may be killed in the middle"


def test_any_other_is_shown_also_beside_one_of_those() -> None:
    assert shown(STOOD, "KeyboardInterrupt\n", "error: " + OURS, "and more\n") == [OURS.strip()]
    assert len(shown(STOOD, "KeyboardInterrupt\n") + shown(STOOD, "ValueError: x\n", urn="urn")) == 1
    assert len(shown(OURS.removesuffix("KeyError: 1\n"))) == 1
    assert len(shown(STOOD, "ValueError: x\n")) == 1
