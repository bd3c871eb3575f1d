"""Dates, numbers and plain text read as the visual direction says, and never depend on the day of the run."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.printing import filters

NEW_YORK = "America/New_York"


def test_a_date_names_its_weekday_and_is_never_all_digits() -> None:
    assert filters.day(date(2026, 3, 25)) == '<time datetime="2026-03-25">Wed 25 Mar 2026</time>'
    assert filters.short_day("2026-03-09") == '<time datetime="2026-03-09">9 Mar</time>'


def test_a_moment_late_in_the_evening_belongs_to_the_agencys_day() -> None:
    after_midnight_utc = datetime(2026, 3, 26, 1, 30, tzinfo=UTC)
    assert filters.day_words(after_midnight_utc, zone=NEW_YORK) == "Wed 25 Mar 2026"


def test_a_range_says_the_year_once_when_both_ends_share_it() -> None:
    words = filters.day_range("2026-04-01", "2026-12-31")
    assert words.striptags() == "Wed 1 Apr to Thu 31 Dec 2026"
    assert filters.day_range("2026-12-31", "2027-01-04").striptags() == "Thu 31 Dec 2026 to Mon 4 Jan 2027"


@pytest.mark.parametrize(
    ("due", "words"),
    [
        ("2026-03-25", "today"),
        ("2026-03-26", "tomorrow"),
        ("2026-03-31", "in 6 days"),
        ("2026-03-24", "1 day late"),
        ("2026-03-20", "5 days late"),
    ],
)
def test_relative_words_count_from_the_day_they_are_given(due: str, words: str) -> None:
    assert filters.relative_day(due, "2026-03-25") == words


def test_a_record_time_gives_utc_first_and_local_in_brackets() -> None:
    assert filters.record_time("2026-03-18T20:58:07Z", NEW_YORK).striptags() == (
        "18 Mar 2026 20:58:07 UTC (16:58:07 EDT)"
    )


def test_a_record_time_names_the_local_day_when_it_is_another_day() -> None:
    assert filters.record_time("2026-03-19T01:00:00Z", NEW_YORK).striptags() == (
        "19 Mar 2026 01:00:00 UTC (18 Mar 21:00:00 EDT)"
    )


def test_winter_time_is_called_by_its_own_name() -> None:
    assert filters.local_time("2026-01-15T16:20:00Z", NEW_YORK).striptags() == "11:20 EST"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        filters.local_time("2026-03-25T10:00:00", NEW_YORK)


def test_numbers_keep_their_digits() -> None:
    assert filters.number(1286) == "1,286"
    assert filters.number("0.0450") == "0.0450"
    assert filters.number("0.0005", 3) == "0.001"
    assert filters.interval("0.292", "0.423") == "0.292 to 0.423"
    assert filters.interval(None, None) == "no interval"


def test_counts_are_words_up_to_twelve() -> None:
    assert filters.counted(4, "thing") == "four things"
    assert filters.counted(1, "thing") == "one thing"
    assert filters.counted(0, "thing") == "no things"
    assert filters.counted(41, "item") == "41 items"
    assert filters.counted(2, "reply", "replies", words=False) == "2 replies"


def test_a_digest_is_shown_whole_in_groups_of_four() -> None:
    digest = "4b7e90c21f6ad8350e9b72c4a81d3f56c0d96e27b14f8a0395ec2d70fb68417a"
    lines = filters.digest_groups(f"sha256:{digest}")
    assert lines[0] == "4b7e 90c2 1f6a d835 0e9b 72c4 a81d 3f56"
    assert "".join(lines).replace(" ", "") == digest
    assert filters.short_digest(digest) == "4b7e…417a"


def test_paragraphs_can_be_cited_and_carry_no_markup_of_their_own() -> None:
    html = filters.paragraphs("First <b>one</b>\nsecond line\n\n\nNext", "reason-4")
    assert '<p id="reason-4-1">First &lt;b&gt;one&lt;/b&gt;<br>second line</p>' in html
    assert '<p id="reason-4-2">Next</p>' in html


def test_record_numbers_do_not_break_across_lines() -> None:
    html = filters.whole_numbers("See F-CY-02 of FMR-2026-0031/S001 & EV-07.")
    for number in ("F-CY-02", "FMR-2026-0031/S001", "EV-07"):
        assert f'<span class="docket">{number}</span>' in html
    assert "&amp;" in html


@given(st.text())
def test_no_text_can_bring_markup_into_a_page(words: str) -> None:
    plain = filters.paragraphs(words).replace("<br>", "")
    assert plain.count("<") == 2 * plain.count("<p id=")
    assert (
        filters.whole_numbers(words).unescape().replace('<span class="docket">', "").replace("</span>", "")
        == (words)
        or "<" in words
        or "&" in words
    )
