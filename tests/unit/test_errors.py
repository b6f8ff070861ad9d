"""The tree of errors, and how they reach the user: one line of ours, the whole traceback of anything else."""

import re
import sys
import threading
import traceback

import pulumi
import pytest

from statuspage_provider import errors
from statuspage_provider.errors import (
    KeyRefused,
    NotFound,
    RateLimited,
    ServiceError,
    SettingsError,
    StatusPageError,
    show_errors_on_one_line,
)

MISSING = object()


@pytest.fixture(autouse=True)
def limit(monkeypatch):
    """The process's own limit comes back after each test."""
    before = getattr(sys, "tracebacklimit", MISSING)
    monkeypatch.delenv("STATUSPAGE_DEBUG", raising=False)
    yield
    if before is MISSING:
        if hasattr(sys, "tracebacklimit"):
            del sys.tracebacklimit
    else:
        sys.tracebacklimit = before


def all_classes():
    found = [StatusPageError]
    for cls in found:
        found += cls.__subclasses__()
    return found


def shown(raising):
    """What the engine's plugin shows of an error: the traceback of the one being handled."""
    try:
        raising()
    except Exception:
        return traceback.format_exc()
    raise AssertionError("nothing was raised")


def key_refused():
    raise KeyRefused("the key may only read", status=403)


def key_error():
    return {}["absent"]


def chained():
    try:
        key_error()
    except KeyError as error:
        raise SettingsError("no key") from error


def while_handling():
    try:
        key_error()
    except KeyError:
        raise SettingsError("no key")  # noqa: B904 - the implicit chain is the point


def unchained():
    try:
        key_error()
    except KeyError:
        raise SettingsError("no key") from None


def a_bug_after_ours():
    try:
        key_refused()
    except KeyRefused as error:
        raise RuntimeError("a bug") from error


def test_the_tree_in_the_docstring_is_the_tree_of_classes():
    lines = errors.__doc__.splitlines()
    tree, path = {}, []
    for line in lines:
        match = re.match(r" {4}([│├└─ ]*)([A-Z]\w+)(?: |$)", line)
        if match:
            depth = len(match[1]) // 4
            path = [*path[:depth], match[2]]
            tree[match[2]] = path[-2] if depth else None
    assert tree == {cls.__name__: None if cls is StatusPageError else cls.__mro__[1].__name__ for cls in all_classes()}


def test_every_class_of_the_tree_is_defined_in_the_module_and_told_about():
    for cls in all_classes():
        assert getattr(errors, cls.__name__) is cls
        assert cls.__doc__


def test_an_error_raised_in_a_program_is_shown_by_the_engine_as_its_message():
    assert issubclass(StatusPageError, pulumi.RunError)


@pytest.mark.parametrize("cls", [ServiceError, KeyRefused, NotFound, RateLimited])
def test_a_refusal_of_the_service_carries_its_parts(cls):
    error = cls("text", status=422, code="invalid", field="name", request_id="01H")
    assert (str(error), error.status, error.code, error.field, error.request_id) == (
        "text",
        422,
        "invalid",
        "name",
        "01H",
    )
    bare = cls("text", status=422)
    assert (bare.code, bare.field, bare.request_id) == ("", "", "")


def test_our_errors_are_one_line_with_their_bare_name():
    show_errors_on_one_line()
    assert shown(key_refused).splitlines()[-1] == "KeyRefused: the key may only read"
    assert "File " not in shown(key_refused)
    assert len(shown(key_refused).splitlines()) <= 2


def test_every_class_is_shown_by_its_bare_name():
    for cls in all_classes():
        error = cls("text", status=500) if issubclass(cls, ServiceError) else cls("text")
        assert traceback.format_exception_only(cls, error) == [f"{cls.__name__}: text\n"]


def test_other_errors_keep_their_traceback():
    show_errors_on_one_line()
    text = shown(key_error)
    assert "in key_error" in text
    assert text.endswith("KeyError: 'absent'\n")


@pytest.mark.parametrize("raising", [chained, while_handling], ids=["from", "while handling"])
def test_what_led_to_one_of_ours_brings_no_traceback_either(raising):
    show_errors_on_one_line()
    text = shown(raising)
    assert "File " not in text
    assert text.endswith("SettingsError: no key\n")


def test_an_error_that_hides_its_cause_is_one_line():
    show_errors_on_one_line()
    assert "KeyError" not in shown(unchained)


def test_a_bug_that_one_of_ours_led_to_keeps_the_whole_chain():
    show_errors_on_one_line()
    text = shown(a_bug_after_ours)
    assert "in a_bug_after_ours" in text
    assert "in key_refused" in text


def test_two_threads_show_their_own_error_at_the_same_time():
    show_errors_on_one_line()
    both_handle = threading.Barrier(2, timeout=5)
    texts = {}

    def run(raising):
        try:
            raising()
        except Exception:
            both_handle.wait()
            for _ in range(50):
                texts.setdefault(raising, set()).add(traceback.format_exc())

    threads = [threading.Thread(target=run, args=(raising,)) for raising in (key_refused, key_error)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (ours,), (other,) = texts[key_refused], texts[key_error]
    assert "File " not in ours
    assert "in key_error" in other


def test_debug_brings_our_tracebacks_back(monkeypatch):
    monkeypatch.setenv("STATUSPAGE_DEBUG", "1")
    show_errors_on_one_line()
    assert "in key_refused" in shown(key_refused)


@pytest.mark.parametrize("value", ["", "0", "false"])
def test_only_1_is_debug(monkeypatch, value):
    monkeypatch.setenv("STATUSPAGE_DEBUG", value)
    show_errors_on_one_line()
    assert "in key_refused" not in shown(key_refused)


def test_a_traceback_that_is_asked_for_outside_of_an_error_is_whole():
    show_errors_on_one_line()
    with pytest.raises(KeyRefused) as caught:
        key_refused()
    assert "in key_refused" in "".join(traceback.format_exception(caught.value))
    assert "test_a_traceback" in "".join(traceback.format_stack())
