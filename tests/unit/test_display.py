"""What others wrote is shown on one line, and steers nothing that it is shown on."""

import sys
import unicodedata

import pytest

from statuspage_provider import errors
from statuspage_provider.display import LONGEST_QUOTE, plain, quoted
from statuspage_provider.engine_process import PROCESS
from statuspage_provider.errors import KeyRefused, LookupFailed, StatusPageError

STEERING = [
    *range(0x20),
    *range(0x7F, 0xA0),
    0x61C,
    0x200E,
    0x200F,
    0x2028,
    0x2029,
    *range(0x202A, 0x202F),
    *range(0x2066, 0x206A),
    0xFEFF,
    0xD800,
    0xDFFF,
]


def test_what_steers_is_shown_and_not_sent():
    for number in STEERING:
        shown = plain(f"a{chr(number)}b")
        assert shown in ("a b", "a\ufffdb"), f"U+{number:04X}"
        assert shown.isprintable(), f"U+{number:04X}"


FAMILY = "\U0001f469\u200d\U0001f467"
PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"


@pytest.mark.parametrize(
    "text", ["", "plain", "Ä ß 日本", FAMILY, PERSIAN, "a\xa0b", "a  b", "1 < 2 & 3", "#5: x", "a::b", ":x", "\ue000"]
)
def test_ordinary_text_stays_as_it_is(text):
    assert plain(text) == text


def test_line_breaks_become_a_space_and_no_line():
    for breaks in ("\n", "\r", "\r\n", "\v", "\f", "\x85", "\u2028", "\u2029", "\n\n"):
        assert plain(f"one{breaks}two") == "one two"


def test_no_character_of_any_kind_breaks_a_line_or_escapes():
    kinds = ("Cc", "Cs", "Zl", "Zp")
    every = "".join(chr(number) for number in range(sys.maxunicode + 1))
    shown = plain(every)
    assert len(shown.splitlines()) == 1
    assert not {letter for letter in shown if unicodedata.category(letter) in kinds}
    assert not {
        letter
        for letter in shown
        if unicodedata.bidirectional(letter) in ("RLO", "LRO", "RLE", "LRE", "PDF", "RLI", "LRI", "FSI", "PDI")
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error::x", ": :error::x"),
        ("  ::set-output name=a::b", "  : :set-output name=a::b"),
        ("\n::add-mask::x", " : :add-mask::x"),
        ("x\n::error::y", "x ::error::y"),
        ("see ##[error]x", "see # #[error]x"),
        ("##vso[task.setvariable variable=a]b", "# #vso[task.setvariable variable=a]b"),
        ("## heading", "## heading"),
    ],
)
def test_what_a_builds_log_takes_for_a_command_is_none(text, shown):
    assert plain(text) == shown


def test_a_megabyte_is_no_line():
    assert len(quoted("x" * 1_000_000)) == LONGEST_QUOTE
    assert len(quoted("x\n" * 1_000_000)) == LONGEST_QUOTE
    assert quoted(" a \n b ") == "a b"
    assert quoted("x" * LONGEST_QUOTE) == "x" * LONGEST_QUOTE


def all_errors():
    found = [StatusPageError]
    for cls in found:
        found += cls.__subclasses__()
    return found


@pytest.mark.parametrize("cls", all_errors(), ids=lambda cls: cls.__name__)
def test_every_error_is_one_line_that_may_be_shown(cls):
    parts = {"status": 422} if issubclass(cls, errors.ServiceError) else {}
    error = cls("no\x1b[2J\n::error::\u202eevil\ud800", **parts)
    assert str(error) == "no\ufffd[2J ::error::\ufffdevil\ufffd"
    assert error.args == (str(error),)


def test_the_parts_of_a_refusal_may_be_shown_too():
    error = KeyRefused("no", status=401, code="a\nb", field="a\x1bb", request_id="a\u202eb")
    assert (error.code, error.field, error.request_id) == ("a b", "a\ufffdb", "a\ufffdb")


def test_an_error_without_anything_odd_is_unchanged():
    text = "no component “API” on page “Ä”: choose from EU / Database. Say which one"
    assert str(LookupFailed(text)) == text


def test_what_a_provider_says_of_a_name_with_a_line_break_is_one_line(capsys):
    PROCESS.say("“Upgrade\n::error::x\x1b[2J” stays")
    assert capsys.readouterr().out == "statuspage: “Upgrade ::error::x\ufffd[2J” stays\n"


def test_a_line_is_written_in_one_piece(monkeypatch):
    # Providers are called side by side: what comes in pieces runs together.
    pieces = []
    monkeypatch.setattr(sys.stdout, "write", pieces.append)
    PROCESS.say("“Upgrade” stays")
    monkeypatch.undo()
    assert [piece for piece in pieces if piece] == ["statuspage: “Upgrade” stays\n"]
