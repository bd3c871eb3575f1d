"""Days as the agency counts them: business days, the end of a day, and how a date is written."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Calendar:
    """Which days are business days: Monday to Friday, less the public holidays of one country.

    A holiday that falls on a weekend is kept on the weekday on which it is observed.
    """

    def __init__(self, country: str = "US") -> None:
        self.country = country
        self._holidays = holidays.country_holidays(country)

    def holiday(self, day: date) -> str | None:
        """The name of the holiday on that day, if any."""
        return self._holidays.get(day)

    def is_business_day(self, day: date) -> bool:
        return day.weekday() < 5 and self.holiday(day) is None


@cache
def calendar_of(country: str) -> Calendar:
    """The calendar that a policy names, such as "US" for the federal holidays."""
    return Calendar(country)


def add_business_days(day: date, n: int, calendar: Calendar) -> date:
    """The n-th business day after `day` (before it, if n is negative); `day` itself is never counted."""
    step = timedelta(days=1 if n >= 0 else -1)
    left = abs(n)
    while left:
        day += step
        left -= calendar.is_business_day(day)
    return day


def business_days_between(first: date, last: date, calendar: Calendar) -> int:
    """How many business days lie after `first` up to and including `last`; negative if `last` is earlier."""
    if last < first:
        return -business_days_between(last, first, calendar)
    span = (last - first).days
    return sum(calendar.is_business_day(first + timedelta(days=n)) for n in range(1, span + 1))


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """23:59:59 of that day in the agency's zone, as UTC: when a day deadline ends."""
    return datetime.combine(day, time(23, 59, 59), tzinfo=zone).astimezone(UTC)


def local_date(at: datetime, zone: ZoneInfo) -> date:
    """The agency's date at that instant. Raises ValueError for a time without a zone."""
    if at.tzinfo is None:
        raise ValueError("A time without a zone has no date in another zone.")
    return at.astimezone(zone).date()


def passed(day: date, now: datetime, zone: ZoneInfo) -> bool:
    """Whether a day deadline is over: the agency's date is later than that day."""
    return local_date(now, zone) > day


def spelled(day: date, *, beside: date | None = None) -> str:
    """A date in a sentence, `2 March 2026`; without the year if it stands beside a date of the same year."""
    words = f"{day.day} {MONTHS[day.month - 1]}"
    return words if beside is not None and beside.year == day.year else f"{words} {day.year}"


def listed(day: date) -> str:
    """A date in a column: `Wed 25 Mar 2026`."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def counted(n: int, one: str = "day") -> str:
    """`1 day`, `9 days`, `1,286 days`."""
    return f"{n:,} {one}" if n == 1 else f"{n:,} {one}s"


def countdown(due: date, today: date) -> str:
    """How far a due date is, in words that stand beside it: `tomorrow`, `in 9 days`, `1 day late`."""
    left = (due - today).days
    if left < 0:
        return f"{counted(-left)} late"
    return {0: "today", 1: "tomorrow"}.get(left, f"in {counted(left)}")
