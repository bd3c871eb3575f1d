"""Judging evidence: grades E1 to E4, and whether the evidence of a filing is enough for its claims.

Grades are computed and shown, never typed. Intervals and lines are in `review.rules.intervals`, the vocabulary
in `review.rules.evidence_words`; both are offered from here.
"""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

import msgspec

from review.rules.evidence_words import (
    Elicitation,
    Executor,
    IntervalMethod,
    MappedDomain,
    Method,
    MetricType,
    Safeguards,
    domain_of,
    elicitation_of,
    executor_of,
    metric_type_of,
    safeguards_of,
)
from review.rules.intervals import (
    MISMATCH,
    Interval,
    IntervalReading,
    LineSide,
    Measurement,
    Reach,
    interval_of,
    interval_text,
    number_text,
    passes_at,
    places_for,
    reaches,
    share_text,
    value_text,
    wilson,
    wilson_interval,
)
from review.rules.vocabulary import Domain, Word

__all__ = [
    "Claim",
    "ClaimStatus",
    "Elicitation",
    "Executor",
    "Gap",
    "Grade",
    "GradeLetter",
    "Interval",
    "IntervalMethod",
    "IntervalReading",
    "Item",
    "ItemFacts",
    "LineSide",
    "MappedDomain",
    "Measured",
    "Measurement",
    "Method",
    "MetricType",
    "Reach",
    "Safeguards",
    "claims_without_evidence",
    "domain_of",
    "elicitation_of",
    "executor_of",
    "facts_of",
    "grade",
    "grade_of_item",
    "interval_of",
    "interval_of_measured",
    "interval_text",
    "measurement_of",
    "metric_type_of",
    "number_text",
    "passes_at",
    "places_for",
    "reaches",
    "rests_on_graded",
    "safeguards_of",
    "share_text",
    "supports_not_reached",
    "value_text",
    "wilson",
    "wilson_interval",
]

RESULTS = frozenset({"complete", "unknown"})
"""Statuses of a run whose numbers are results; a partial, cancelled or failed run is kept as such."""


class GradeLetter(Word):
    """E1 is the strongest. NONE is for a run that did not finish."""

    E1 = "E1"
    E2 = "E2"
    E3 = "E3"
    E4 = "E4"
    NONE = "NONE"

    @property
    def label(self) -> str:
        return "none" if self is GradeLetter.NONE else self.value


class Grade(msgspec.Struct, frozen=True, kw_only=True):
    """A grade, why it is that, and what keeps it from a better one."""

    letter: GradeLetter
    because: tuple[str, ...]
    held_back_by: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """`Independent, L3, interval, hashed log, final checkpoint.`"""
        words = ", ".join(self.because)
        said = f"{words[:1].upper()}{words[1:]}." if words else ""
        return f"{said} Not better: {', '.join(self.held_back_by)}.".strip() if self.held_back_by else said


class ItemFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a grade and the sufficiency rules ask about one evidence item."""

    number: str = ""
    domain: Domain = Domain.GENERAL
    finished: bool = True
    executor: Executor | None = None
    independence_attested: bool = False
    elicitation: Elicitation | None = None
    safeguards: Safeguards | None = None
    qualitative: bool = False
    has_interval: bool = False
    hashed: bool = False
    final_checkpoint: bool = False
    bridged: bool = False


class ClaimStatus(Word):
    """The three-valued status of a tier claim; CANNOT_RULE_OUT counts as reached for every gate."""

    REACHED = "REACHED"
    NOT_REACHED = "NOT_REACHED"
    CANNOT_RULE_OUT = "CANNOT_RULE_OUT"


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What a filing claims of one domain: the tier elicited with safeguards off, and what remains deployed."""

    domain: Domain
    elicited: int
    residual: int | None = None
    status: ClaimStatus = ClaimStatus.REACHED


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """Evidence that a claim lacks: `rule` is 2 or 3 of the evidence rules."""

    rule: int
    domain: Domain
    sentence: str
    cure: str


class Measured(Protocol):
    """A confirmed number of an evidence item, as the record keeps it."""

    @property
    def value(self) -> str: ...
    @property
    def stderr(self) -> str | None: ...
    @property
    def stated_low(self) -> str | None: ...
    @property
    def stated_high(self) -> str | None: ...
    @property
    def stated_level(self) -> str | None: ...
    @property
    def n(self) -> int | None: ...
    @property
    def metric_type(self) -> str | None: ...
    @property
    def confirmed_by(self) -> str: ...


class Hashed(Protocol):
    @property
    def sha256(self) -> str: ...


class Item(Protocol):
    """An evidence item as the record keeps it; `attributes` are in the words of the evidence instrument."""

    @property
    def number(self) -> str: ...
    @property
    def domain(self) -> Domain: ...
    @property
    def status(self) -> str: ...
    @property
    def files(self) -> Sequence[Hashed]: ...
    @property
    def attributes(self) -> Mapping[str, Any]: ...
    @property
    def measurements(self) -> Sequence[Measured]: ...


def measurement_of(one: Measured, attributes: Mapping[str, Any]) -> Measurement:
    """A kept number with what the item's attributes add: counts and the method of the stated interval."""
    kind = one.metric_type or attributes.get("metric_type")
    successes = attributes.get("successes")
    return Measurement(
        value=one.value,
        n=one.n,
        successes=_count(successes) if one.n is not None else None,
        is_proportion=kind == MetricType.PROPORTION and bool(one.confirmed_by),
        stderr=one.stderr,
        stated_low=one.stated_low,
        stated_high=one.stated_high,
        stated_level=one.stated_level,
        stated_method=str(attributes["ci_method"]) if attributes.get("ci_method") else None,
    )


def interval_of_measured(
    one: Measured, attributes: Mapping[str, Any], mismatch: Decimal = MISMATCH
) -> IntervalReading:
    return interval_of(measurement_of(one, attributes), mismatch)


def facts_of(item: Item) -> ItemFacts:
    """What the record says of an item; what it does not say counts against the grade."""
    given = item.attributes
    qualitative = given.get("metric_type") == MetricType.QUALITATIVE or not item.measurements
    return ItemFacts(
        number=item.number,
        domain=item.domain,
        finished=item.status in RESULTS,
        executor=executor_of(str(given.get("executor") or "")),
        independence_attested=_yes(given.get("independence_attested")),
        elicitation=elicitation_of(str(given.get("elicitation_level") or "")),
        safeguards=safeguards_of(str(given.get("safeguards_state") or "")),
        qualitative=qualitative,
        has_interval=all(interval_of_measured(one, given).shown for one in item.measurements),
        hashed=bool(item.files) and all(file.sha256 for file in item.files),
        final_checkpoint=_yes(given.get("final_checkpoint")),
        bridged=bool(str(given.get("checkpoint_delta") or "").strip()),
    )


def grade(item: ItemFacts) -> Grade:
    """The grade of an item (evidence rules, Grade): unfinished, E4, E3, then E1 if everything holds, else E2."""
    if not item.finished:
        return Grade(letter=GradeLetter.NONE, because=("the run did not finish",))
    worst = _reasons(("no number is confirmed", item.qualitative), ("the log is not hashed", not item.hashed))
    if worst:
        return Grade(letter=GradeLetter.E4, because=worst)
    weak = _reasons(
        ("no interval", not item.has_interval),
        ("elicitation is not disclosed", item.elicitation is None),
        (f"{item.elicitation} only", item.elicitation in (Elicitation.L0, Elicitation.L1)),
        ("not the final checkpoint, and no bridge", not item.final_checkpoint and not item.bridged),
    )
    if weak:
        return Grade(letter=GradeLetter.E3, because=(_who(item), *weak))
    strong = (_who(item), str(item.elicitation), "interval", "hashed log", _checkpoint(item))
    short = _reasons(
        ("not run independently", not _independent(item)),
        ("elicitation below L3", item.elicitation is not Elicitation.L3),
        ("not the final checkpoint", not item.final_checkpoint),
    )
    return Grade(letter=GradeLetter.E2 if short else GradeLetter.E1, because=strong, held_back_by=short)


def grade_of_item(item: Item) -> Grade:
    return grade(facts_of(item))


def rests_on_graded(grades: Collection[GradeLetter], enough: Collection[str] = ("E1", "E2")) -> bool:
    """Whether a decisive finding cites at least one item of the grades that the policy names."""
    return any(letter in enough for letter in grades)


def claims_without_evidence(
    claims: Sequence[Claim], items: Sequence[ItemFacts], from_tier: int = 2
) -> tuple[Gap, ...]:
    """What the claims of a filing lack (evidence rules 2 and 3). `from_tier` is the policy's."""
    gaps: list[Gap] = []
    for claim in claims:
        finished = [item for item in items if item.domain is claim.domain and item.finished]
        gaps += _elicited_gap(claim, finished, from_tier) + _residual_gap(claim, finished)
    return tuple(gaps)


def supports_not_reached(interval: Interval | None, threshold: str | None) -> bool:
    """Rule 4: a result, "0 of n" too, says NOT_REACHED only if its upper bound is below a line named beforehand."""
    if interval is None or threshold is None:
        return False
    return reaches(interval, threshold) is Reach.DOES_NOT_REACH


def _elicited_gap(claim: Claim, items: Sequence[ItemFacts], from_tier: int) -> list[Gap]:
    enough = any(
        item.safeguards is Safeguards.OFF_HELPFUL_ONLY
        and item.elicitation in (Elicitation.L2, Elicitation.L3)
        for item in items
    )
    if claim.elicited < from_tier or enough:
        return []
    return [
        Gap(
            rule=2,
            domain=claim.domain,
            sentence=f"{claim.domain.label}: tier {claim.elicited} is claimed without a test of safeguards off.",
            cure="Attach one finished evaluation with safeguards off and elicitation L2 or higher.",
        )
    ]


def _residual_gap(claim: Claim, items: Sequence[ItemFacts]) -> list[Gap]:
    attacked = any(item.safeguards is Safeguards.AS_DEPLOYED_UNDER_ATTACK for item in items)
    if claim.residual is None or claim.residual >= claim.elicited or attacked:
        return []
    return [
        Gap(
            rule=3,
            domain=claim.domain,
            sentence=f"{claim.domain.label}: the tier falls from {claim.elicited} to {claim.residual} without proof.",
            cure="Attach one finished evaluation of the model as deployed, under attack.",
        )
    ]


def _reasons(*cases: tuple[str, bool]) -> tuple[str, ...]:
    return tuple(words for words, holds in cases if holds)


def _independent(item: ItemFacts) -> bool:
    """Government, or outside with attested independence."""
    if item.executor is Executor.GOVERNMENT:
        return True
    return item.executor is Executor.INDEPENDENT_EXTERNAL and item.independence_attested


def _who(item: ItemFacts) -> str:
    if item.executor is None:
        return "nobody says who ran it"
    if item.executor is Executor.INDEPENDENT_EXTERNAL and not item.independence_attested:
        return "outside, independence not attested"
    return item.executor.label.lower()


def _checkpoint(item: ItemFacts) -> str:
    return "final checkpoint" if item.final_checkpoint else "earlier checkpoint with a bridge"


def _count(value: Any) -> int | None:
    text = str(value).strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _yes(value: Any) -> bool:
    return value is True or str(value).strip().lower() in ("true", "yes")
