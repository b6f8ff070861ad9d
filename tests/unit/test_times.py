"""One spelling for every instant and length, and a clear line for whatever is none."""

import contextlib
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage_provider import display, times

UTC = timezone.utc
TEN_PM = datetime(2026, 3, 1, 22, tzinfo=UTC)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Two days inside the calendar, so that every offset stays in it.
instants = st.integers(-62_135_424_000, 221_845_000_000).map(lambda seconds: EPOCH + timedelta(seconds=seconds))
offsets = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))
lengths = st.integers(1, 36_525 * 86_400).map(lambda seconds: timedelta(seconds=seconds))


def reason(parse, *args):
    with pytest.raises(ValueError, match=r".") as caught:
        parse(*args)
    return str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2026-03-01T22:00:00Z", id="canonical"),
        pytest.param("2026-03-01t22:00:00z", id="lower case"),
        pytest.param("2026-03-01 22:00:00Z", id="space for T"),
        pytest.param("  2026-03-01T22:00:00Z\n", id="spaces around"),
        pytest.param("2026-03-01T22:00Z", id="no seconds"),
        pytest.param("2026-03-01T22:00:00+00:00", id="zero offset"),
        pytest.param("2026-03-01T22:00:00-00:00", id="unknown local offset of RFC 3339"),
        pytest.param("2026-03-01T23:00:00+01:00", id="east"),
        pytest.param("2026-03-01T12:30:00-09:30", id="half hour west"),
        pytest.param("2026-03-02T03:45:00+05:45", id="next day in Kathmandu"),
        pytest.param("2026-03-01T22:00:00.000Z", id="fraction of zero"),
        pytest.param("2026-03-01T22:00:00.987654321Z", id="a fraction is dropped"),
    ],
)
def test_every_rfc_3339_spelling_names_the_instant(text):
    assert times.parse_instant(text) == TEN_PM


@pytest.mark.parametrize(
    ("text", "zone", "instant"),
    [
        pytest.param("2026-03-01T22:00", "Europe/Berlin", "2026-03-01T21:00:00Z", id="winter"),
        pytest.param("2026-07-01 22:00:00", "Europe/Berlin", "2026-07-01T20:00:00Z", id="summer"),
        pytest.param("2026-03-01T22:00", "Asia/Kolkata", "2026-03-01T16:30:00Z", id="half hour zone"),
        pytest.param("2026-03-01T22:00", "UTC", "2026-03-01T22:00:00Z", id="UTC"),
        pytest.param("2026-03-29T01:59:59", "Europe/Berlin", "2026-03-29T00:59:59Z", id="just before the gap"),
        pytest.param("2026-03-29T03:00", "Europe/Berlin", "2026-03-29T01:00:00Z", id="just after the gap"),
        pytest.param("2026-10-25T01:59:59", "Europe/Berlin", "2026-10-24T23:59:59Z", id="just before the overlap"),
        pytest.param("2026-10-25T03:00", "Europe/Berlin", "2026-10-25T02:00:00Z", id="just after the overlap"),
        pytest.param("2026-03-01T22:00:00Z", "Asia/Tokyo", "2026-03-01T22:00:00Z", id="an offset wins over the zone"),
    ],
)
def test_a_naive_time_is_read_in_its_zone(text, zone, instant):
    assert times.format_instant(times.parse_instant(text, zone)) == instant


@pytest.mark.parametrize(
    ("text", "zone", "what", "readings"),
    [
        pytest.param(
            "2026-03-29T02:30", "Europe/Berlin", "does not exist", ("02:30:00+01:00", "02:30:00+02:00"), id="gap"
        ),
        pytest.param(
            "2026-10-25T02:30", "Europe/Berlin", "occurs twice", ("02:30:00+02:00", "02:30:00+01:00"), id="overlap"
        ),
        pytest.param(
            "2026-10-04T02:15", "Australia/Lord_Howe", "does not exist", ("+10:30", "+11:00"), id="half hour gap"
        ),
        pytest.param("2011-12-30T12:00", "Pacific/Apia", "does not exist", ("-10:00", "+14:00"), id="a day left out"),
    ],
)
def test_a_time_that_the_change_of_clocks_skips_or_repeats_is_refused_with_both_readings(text, zone, what, readings):
    said = reason(times.parse_instant, text, zone)
    assert what in said
    assert zone in said
    for reading in readings:
        assert reading in said
    for quoted in said.split('"')[3::2]:
        times.parse_instant(quoted)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("tomorrow", id="a word"),
        pytest.param("2026-03-01", id="a day"),
        pytest.param("22:00Z", id="a time of day"),
        pytest.param("1772402400", id="seconds since 1970"),
        pytest.param("2026-3-1T22:00:00Z", id="single digits"),
        pytest.param("20260301T220000Z", id="basic format"),
        pytest.param("2026-03-01T22Z", id="no minutes"),
        pytest.param("2026-03-01T22:00:00.Z", id="an empty fraction"),
        pytest.param("2026-03-01T22:00:00+0100", id="an offset without colon"),
        pytest.param("2026-03-01T22:00:00+01", id="an offset without minutes"),
        pytest.param("2026-03-01T22:00:00+24:00", id="an offset of a day"),
        pytest.param("2026-03-01T22:00:00+01:60", id="an offset with 60 minutes"),
        pytest.param("2026-03-01T22:00:00 Europe/Berlin", id="a zone in the text"),
        pytest.param("2026-03-01T22:00:00ZZ", id="more after the end"),
        pytest.param("2026-03-01T22:00:00Z 2026-03-01T22:00:00Z", id="two of them"),
        pytest.param("٢٠٢٦-03-01T22:00:00Z", id="other digits"),
        pytest.param("2026-02-30T22:00:00Z", id="30 February"),
        pytest.param("2025-02-29T22:00:00Z", id="29 February in no leap year"),
        pytest.param("2026-13-01T22:00:00Z", id="month 13"),
        pytest.param("2026-00-01T22:00:00Z", id="month 0"),
        pytest.param("2026-03-01T25:00:00Z", id="hour 25"),
        pytest.param("2026-03-01T22:60:00Z", id="minute 60"),
        pytest.param("2026-03-01T22:00:60Z", id="a leap second"),
        pytest.param("0000-01-01T00:00:00Z", id="year 0"),
        pytest.param("0001-01-01T00:00:00+01:00", id="before year 1 in UTC"),
        pytest.param("9999-12-31T23:59:59-01:00", id="after year 9999 in UTC"),
    ],
)
def test_what_is_no_instant_is_refused_and_quoted(text):
    said = reason(times.parse_instant, text)
    assert said.startswith(f'"{text}" is not a time: ')


@pytest.mark.parametrize(
    ("text", "zone"),
    [("0001-01-01T00:00:00", "Asia/Tokyo"), ("9999-12-31T23:59:59", "America/New_York")],
    ids=["first year", "last year"],
)
def test_a_naive_time_at_the_edge_of_the_calendar_is_refused(text, zone):
    assert "is not a time" in reason(times.parse_instant, text, zone)


def test_a_naive_time_without_a_zone_is_refused_with_both_ways_out():
    said = reason(times.parse_instant, "2026-03-01T22:00:00")
    assert "has no UTC offset" in said
    assert '"Z"' in said
    assert "time_zone" in said


@pytest.mark.parametrize(
    "zone",
    [
        pytest.param("", id="nothing"),
        pytest.param("Mars/Olympus", id="unknown"),
        pytest.param("Berlin", id="a city alone"),
        pytest.param("Europe", id="a folder"),
        pytest.param("../UTC", id="a path upwards"),
        pytest.param("/etc/hosts", id="an absolute path"),
        pytest.param("UTC\0", id="a null character"),
        pytest.param("x" * 300, id="too long for a file name"),
        pytest.param("+01:00", id="an offset"),
    ],
)
def test_an_unknown_zone_is_refused_with_an_example(zone):
    said = reason(times.parse_instant, "2026-03-01T22:00", zone)
    assert said == f'"{zone}" is not a time zone: use an IANA name, such as "Europe/Berlin"'


@given(instants)
def test_reading_what_was_written_gives_the_instant_back(moment):
    assert times.parse_instant(times.format_instant(moment)) == moment


@given(instants, offsets, offsets)
def test_two_spellings_of_one_instant_are_one(moment, here, there):
    spellings = {
        times.format_instant(times.parse_instant(moment.astimezone(zone).isoformat())) for zone in (here, there)
    }
    assert spellings == {times.format_instant(moment)}


@given(instants, offsets)
def test_the_canonical_form_is_a_fixed_point(moment, zone):
    canonical = times.format_instant(times.parse_instant(moment.astimezone(zone).isoformat(sep=" ")))
    assert times.format_instant(times.parse_instant(canonical)) == canonical
    assert canonical.endswith("Z")
    assert len(canonical) == 20


def test_every_offset_of_the_day_is_read():
    for minutes in range(-23 * 60 - 59, 24 * 60):
        local = TEN_PM.astimezone(timezone(timedelta(minutes=minutes)))
        assert times.parse_instant(local.isoformat()) == TEN_PM, local.isoformat()


@given(st.text(max_size=40))
def test_any_text_is_an_instant_or_a_value_error(text):
    with contextlib.suppress(ValueError):
        assert times.parse_instant(text).tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("1h30m", "1h30m"),
        ("90m", "1h30m"),
        ("5400s", "1h30m"),
        ("1h 30m", "1h30m"),
        ("1 h 30 m", "1h30m"),
        ("2d", "48h"),
        ("1d1h1m1s", "25h1m1s"),
        ("0h45m", "45m"),
        ("007m", "7m"),
        ("3600s", "1h"),
        ("59s", "59s"),
    ],
)
def test_a_length_has_one_spelling(text, canonical):
    assert times.format_length(times.parse_length(text)) == canonical


@pytest.mark.parametrize(
    "text",
    ["", " ", "0m", "0h0m0s", "1", "90", "1.5h", "-1h", "+1h", "30m1h", "1h1h", "1w", "1H", "PT1H", "1:30", "one hour"],
)
def test_what_is_no_length_is_refused_and_quoted(text):
    assert reason(times.parse_length, text) == f'"{text}" is not a duration: write it like "1h30m"'


@pytest.mark.parametrize(
    "text",
    ["999999999999d", "9" * 5000 + "h", "999999999d999999999h", "36525d1s"],
    ids=["days", "digits", "sum", "a century"],
)
def test_a_length_beyond_all_measure_is_refused(text):
    assert "1h30m" in reason(times.parse_length, text)


@given(lengths)
def test_reading_a_length_that_was_written_gives_it_back(length):
    written = times.format_length(length)
    assert times.parse_length(written) == length
    assert times.format_length(times.parse_length(written)) == written


@given(st.text(max_size=20))
def test_any_text_is_a_length_or_a_value_error(text):
    with contextlib.suppress(ValueError):
        assert times.parse_length(text) > timedelta()


@pytest.mark.parametrize(
    ("start_at", "offset"),
    [
        ("now", timedelta()),
        ("+15m", timedelta(minutes=15)),
        ("+1h30m", timedelta(minutes=90)),
        ("+ 15 m", timedelta(minutes=15)),
    ],
)
def test_a_relative_start_is_counted_from_the_moment_of_creation(start_at, offset):
    assert times.is_relative(start_at)
    assert times.offset_of(start_at) == offset


@pytest.mark.parametrize("start_at", ["2026-03-01T22:00:00Z", "15m", "-15m", "NOW", "now ", ""])
def test_other_starts_are_not_relative(start_at):
    assert not times.is_relative(start_at)


@pytest.mark.parametrize("start_at", ["+", "+0m", "+-5m", "+soon", "++5m", "+01:00"])
def test_a_relative_start_needs_a_length(start_at):
    assert "is not a duration" in reason(times.offset_of, start_at)


@pytest.mark.parametrize(
    ("end", "text"),
    [
        (timedelta(minutes=90), "Sun 1 Mar 2026, 22:00 to 23:30 UTC"),
        (timedelta(hours=3), "Sun 1 Mar 2026, 22:00 UTC to Mon 2 Mar 2026, 01:00 UTC"),
    ],
    ids=["one day", "past midnight"],
)
def test_a_window_is_shown_to_people_in_utc(end, text):
    start = TEN_PM.astimezone(timezone(timedelta(hours=9)))
    assert display.span_for_people(start, start + end) == text
    assert display.for_people(start) == "Sun 1 Mar 2026, 22:00 UTC"


def test_a_year_that_no_window_can_be_counted_from_is_refused():
    with pytest.raises(ValueError, match="past 9000"):
        times.parse_instant("9999-12-31T23:30:00Z")


@pytest.mark.parametrize("name", ["localtime", "posixrules"])
def test_a_zone_that_is_another_one_on_each_machine_is_refused(name):
    with pytest.raises(ValueError, match="IANA name"):
        times.parse_zone(name)
