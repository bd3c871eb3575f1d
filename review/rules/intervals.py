"""Measured numbers: their intervals, the lines they reach, and how they are printed.

Numbers travel as decimal strings and are compared as exact decimals, at full precision; only printing rounds.
"""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from functools import cache
from statistics import NormalDist

import msgspec

from review.rules.evidence_words import IntervalMethod
from review.rules.vocabulary import Word

MISMATCH = Decimal("0.005")
"""Default of `evidence.interval_mismatch`; callers pass the policy's own."""
NOT_NUMBERS = {"NaN": "not a number", "Infinity": "infinity", "-Infinity": "minus infinity"}
_PLACES = Decimal("1E-12")
_NOISE = Decimal("1E-9")
_LONGEST = 15  # digits before the point; longer numbers are printed with an exponent


class Interval(msgspec.Struct, frozen=True, kw_only=True):
    """Lower and upper bound as decimal strings. `method` is empty where the file does not name one."""

    low: str
    high: str
    level: str = "0.95"
    method: str = ""
    computed: bool = False

    @property
    def bounds(self) -> tuple[Decimal, Decimal]:
        return Decimal(self.low), Decimal(self.high)


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """One number, as a file states it and a person confirmed it. All numbers are decimal strings.

    `is_proportion` is what a person confirmed, with `n`. `stated_*` is the file's own interval, if it has one.
    """

    value: str
    n: int | None = None
    successes: int | None = None
    is_proportion: bool = False
    stderr: str | None = None
    stated_low: str | None = None
    stated_high: str | None = None
    stated_level: str | None = None
    stated_method: str | None = None


class IntervalReading(msgspec.Struct, frozen=True, kw_only=True):
    """Which interval to show, which to show beside it, and what a reader must be told.

    `refused` is True only where a file names Wilson and its own counts give another interval.
    """

    shown: Interval | None
    other: Interval | None = None
    refused: bool = False
    notes: tuple[str, ...] = ()


class Reach(Word):
    """How a measurement stands to a line that was named beforehand."""

    REACHES = "REACHES"
    CANNOT_RULE_OUT = "CANNOT_RULE_OUT"
    DOES_NOT_REACH = "DOES_NOT_REACH"

    @property
    def label(self) -> str:
        return {
            "REACHES": "Reaches the line",
            "CANNOT_RULE_OUT": "Cannot be ruled out",
            "DOES_NOT_REACH": "Does not reach the line",
        }[self.value]


class LineSide(Word):
    """On which side of the line the concern lies: more of it, or less of it."""

    AT_OR_ABOVE = "AT_OR_ABOVE"
    AT_OR_BELOW = "AT_OR_BELOW"


def wilson(successes: int, n: int, level: str = "0.95") -> tuple[Decimal, Decimal]:
    """The Wilson score interval of a proportion, to twelve decimals (Wilson 1927).

    Raises ValueError unless 0 <= successes <= n, n >= 1 and 0 < level < 1.
    """
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n} is no proportion.")
    with localcontext() as exact:
        exact.prec = 40
        z, count = _z(level), Decimal(n)
        share = Decimal(successes) / count
        center = share + z * z / (2 * count)
        spread = z * (share * (1 - share) / count + z * z / (4 * count * count)).sqrt()
        scale = 1 + z * z / count
        low = Decimal(0) if successes == 0 else (center - spread) / scale
        high = Decimal(1) if successes == n else (center + spread) / scale
        return low.quantize(_PLACES).normalize(), high.quantize(_PLACES).normalize()


def wilson_interval(successes: int, n: int, level: str = "0.95") -> Interval:
    low, high = wilson(successes, n, level)
    return Interval(
        low=f"{low:f}", high=f"{high:f}", level=level, method=IntervalMethod.WILSON.value, computed=True
    )


def passes_at(n: int, bound: str, level: str = "0.95") -> int | None:
    """The most successes of n whose upper bound is at most `bound`; None if not even 0 of n is."""
    limit = Decimal(bound)
    passing = [count for count in range(n + 1) if wilson(count, n, level)[1] <= limit]
    return passing[-1] if passing else None


def interval_of(one: Measurement, mismatch: Decimal = MISMATCH) -> IntervalReading:
    """Which interval a measurement has (domain rule 10.6(10)).

    The file's own is shown first. We compute one only for a confirmed proportion with whole counts, and refuse
    the file's only where it claims to be the Wilson interval of those counts and is off by more than `mismatch`.
    """
    stated, notes = _stated(one)
    successes, why_not = _successes(one)
    claims_wilson = stated is not None and stated.method == IntervalMethod.WILSON
    may_compute = successes is not None and one.n is not None and (one.is_proportion or claims_wilson)
    if not may_compute or successes is None or one.n is None:
        notes += (why_not,) if one.is_proportion and why_not else ()
        if stated is None and one.stderr and not one.is_proportion:
            notes += (f"The file gives a standard error of {one.stderr} and no interval.",)
        return IntervalReading(shown=stated, notes=notes)
    computed = wilson_interval(successes, one.n, stated.level if stated else "0.95")
    if stated is None:
        said = f"We computed the interval from {share_text(successes, one.n)} (Wilson). The file names none."
        return IntervalReading(shown=computed, notes=(*notes, said))
    if not _differs(stated, computed, mismatch):
        return IntervalReading(shown=stated, other=None if claims_wilson else computed, notes=notes)
    counts = share_text(successes, one.n)
    if claims_wilson:
        said = (
            f"The file names a Wilson interval of {interval_text(stated)}. "
            f"{counts} gives {interval_text(computed)}."
        )
        return IntervalReading(shown=None, other=computed, refused=True, notes=(*notes, said))
    said = f"The file states {interval_text(stated)}. We compute {interval_text(computed)} from {counts} (Wilson)."
    return IntervalReading(shown=stated, other=computed, notes=(*notes, said))


def reaches(interval: Interval, line: str, side: LineSide = LineSide.AT_OR_ABOVE) -> Reach:
    """Whether the interval reaches a line, at full precision (domain rule 10.6(19))."""
    return _reach(*interval.bounds, Decimal(line), side)


def places_for(interval: Interval, line: str, side: LineSide = LineSide.AT_OR_ABOVE) -> int:
    """How many decimals to print: three, or as many more as the printed numbers need to tell the same word."""
    word, mark = reaches(interval, line, side), Decimal(line)
    for places in range(3, 12):
        low, high = (_rounded(bound, places) for bound in interval.bounds)
        if _reach(low, high, mark, side) is word:
            return places
    return 12


def number_text(value: str, places: int = 3) -> str:
    """A number for reading: `0.355`, `1,286`. Whole numbers stay whole; NaN and infinities are said in words."""
    number = _number(value)
    if number is None:
        return NOT_NUMBERS.get(value.strip(), value)
    whole = "." not in value and "e" not in value.lower()
    return f"{number:,}" if whole and number.adjusted() < _LONGEST else _text(number, places)


def interval_text(interval: Interval, places: int = 3) -> str:
    """`0.292 to 0.423`."""
    low, high = (_text(bound, places) for bound in interval.bounds)
    return f"{low} to {high}"


def value_text(value: str, interval: Interval | None = None, places: int = 3) -> str:
    """`0.355 (0.292 to 0.423)`, or the number alone."""
    printed = number_text(value, places)
    return printed if interval is None else f"{printed} ({interval_text(interval, places)})"


def share_text(successes: int, n: int) -> str:
    """`71 of 200`."""
    return f"{successes:,} of {n:,}"


def _stated(one: Measurement) -> tuple[Interval | None, tuple[str, ...]]:
    """The file's own interval if it is one, else what is wrong with it."""
    if one.stated_low is None or one.stated_high is None:
        return None, ()
    low, high = _number(one.stated_low), _number(one.stated_high)
    if low is None or high is None or low > high:
        return None, (f"The file's interval, {one.stated_low} to {one.stated_high}, is none.",)
    level = one.stated_level if _is_level(one.stated_level) else None
    notes = () if level else ("The file does not say the level of its interval.",)
    return (
        Interval(
            low=one.stated_low, high=one.stated_high, level=level or "0.95", method=one.stated_method or ""
        ),
        notes,
    )


def _successes(one: Measurement) -> tuple[int | None, str]:
    """The whole count behind a proportion, or why there is none."""
    if one.n is None:
        return None, "No interval was computed: the number of items is not known."
    if one.n < 1:
        return None, f"No interval was computed from {one.n} items."
    if one.successes is not None:
        fits = 0 <= one.successes <= one.n
        return (
            (one.successes, "") if fits else (None, f"{share_text(one.successes, one.n)} is no proportion.")
        )
    value = _number(one.value)
    if value is None or not 0 <= value <= 1:
        return None, f"No interval was computed: {one.value} is no share between 0 and 1."
    product = value * one.n
    whole = product.to_integral_value()
    if abs(product - whole) > _NOISE * one.n:
        times = f"{one.value} × {one.n:,} = {_rounded(product, 3).normalize():f}"
        return None, f"No interval was computed: {times} is not a whole number."
    return int(whole), ""


def _differs(stated: Interval, computed: Interval, mismatch: Decimal) -> bool:
    pairs = zip(stated.bounds, computed.bounds, strict=True)
    return any(abs(mine - theirs) > mismatch for mine, theirs in pairs)


def _reach(low: Decimal, high: Decimal, line: Decimal, side: LineSide) -> Reach:
    if side is LineSide.AT_OR_BELOW:
        low, high, line = -high, -low, -line
    if low >= line:
        return Reach.REACHES
    return Reach.DOES_NOT_REACH if high < line else Reach.CANNOT_RULE_OUT


def _is_level(text: str | None) -> bool:
    level = _number(text or "")
    return level is not None and Decimal("0.5") <= level < Decimal("0.99999")


def _text(number: Decimal, places: int) -> str:
    """A number that may come from a hostile file: never longer than a line."""
    return f"{_rounded(number, places):,f}" if number.adjusted() < _LONGEST else f"{number:.{places}E}"


def _rounded(number: Decimal, places: int) -> Decimal:
    if number.adjusted() >= _LONGEST:
        return number
    return number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _number(value: str) -> Decimal | None:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


@cache
def _z(level: str) -> Decimal:
    """The normal quantile of a two-sided level, such as 1.959963984540054 for 0.95."""
    share = Decimal(level)
    if not 0 < share < 1:
        raise ValueError(f"{level} is no confidence level.")
    return Decimal(repr(NormalDist().inv_cdf(float((1 + share) / 2))))
