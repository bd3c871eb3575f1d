"""What the people of the demonstration write: memos, proposals, questions. All of it fictional."""

from datetime import date, timedelta

from review.rules.condition_types import ConditionType
from review.rules.entities import (
    Alternative,
    BenefitRiskRow,
    Comparable,
    ConditionRecord,
    DeficiencyItem,
    Proposal,
)
from review.rules.given import MemoGiven
from review.rules.shapes import Condition, Feasibility, FeasibilityRow
from review.rules.vocabulary import BenefitRiskDimension, Outcome, Severity

B = BenefitRiskDimension
API, CLOUD = "FIRST_PARTY_API", "CLOUD_DISTRIBUTOR"
GATE_POINTS = (
    "A gate on chained exploitation is ready on every channel. It takes away the step that turns a flaw into an intrusion.",
    "The distributor cannot see staff lists, so a list of organizations cannot be kept there.",
)
GATE_OFFER = "CAPABILITY_GATE: chained exploitation off in every tier, tested each month."


def _grid(*rows: tuple[BenefitRiskDimension, str, str]) -> tuple[BenefitRiskRow, ...]:
    return tuple(
        BenefitRiskRow(dimension=dimension, evidence_uncertainties=evidence, conclusions_reasons=reasons)
        for dimension, evidence, reasons in rows
    )


def heron_memo() -> MemoGiven:
    return MemoGiven(
        recommendation=Outcome.APPROVE,
        summary="All six disciplines signed without a concern. The lines that the lab set beforehand are not reached, "
        "with safeguards off or as deployed. I recommend approval without conditions.",
        consults="None was needed.",
    )


def heron_proposal() -> Proposal:
    return Proposal(
        outcome=Outcome.APPROVE,
        reasons={},
        comparables_note="No case of this class had been decided when this one was.",
    )


def _memo(summary: str, capability: str, efficacy: str) -> MemoGiven:
    return MemoGiven(
        recommendation=Outcome.RESTRICT,
        summary=summary,
        benefit_risk=_grid(
            (B.THREAT_LANDSCAPE, "Intrusions by practitioners are common; novices rarely finish one.", "The step from finding a flaw to using it is what is scarce."),
            (B.COUNTERFACTUAL_AVAILABILITY, "No open model is known to reach half of this rate on the same suite.", "The model would add to what exists."),
            (B.CAPABILITY, capability, "Tier 2 is reached with safeguards off."),
            (B.SAFEGUARD_EFFICACY, efficacy, "Conditions on access or on the capability can hold the risk at tier 1."),
            (B.BENEFIT, "Defenders named three programs that would use it to find flaws first.", "The benefit is real where users are known."),
        ),
        consults="None was asked.",
        conditions_note="Conditions that the lab can meet on every channel by the first month.",
    )  # fmt: skip


def trusted_memo() -> MemoGiven:
    return _memo(
        "With the safeguards lifted, who is admitted bounds the misuse. I recommend a restriction to organizations "
        "that meet published criteria, with monitoring and a sunset.",
        "31 of 200 attempts succeed with safeguards off.",
        "By design the trusted profile lifts two of the four safeguards.",
    )


def tern_memo() -> MemoGiven:
    return _memo(
        "Tern 2 carries out end-to-end operations in a third of attempts once its safeguards are off. Ten of 200 "
        "attempts get past them. I recommend a restriction.",
        "71 of 200 attempts succeed with safeguards off.",
        "Ten of 200 attempts bypass the safeguards as deployed.",
    )


def _feasible(*channels: str, method: str, days: int) -> tuple[FeasibilityRow, ...]:
    return tuple(
        FeasibilityRow(
            channel=channel, method=method, coverage="1", ready_in_days=days, result=Feasibility.FEASIBLE
        )
        for channel in channels
    )


def _record(
    number: int,
    kind: ConditionType,
    params: dict[str, object],
    findings: tuple[str, ...],
    verification: str,
    method: str,
    restoration: str = "",
    channels: tuple[str, ...] = (API, CLOUD),
) -> ConditionRecord:
    return ConditionRecord(
        id=f"C-{number:02d}",
        condition=Condition(type=kind, params=params),
        findings=findings,
        verification=verification,
        feasibility=_feasible(*channels, method=method, days=14),
        restoration=restoration,
    )


BACK = "The upper bound of cyber_range_40 is at most 0.05 over 200 attempts, tested by an independent party."


def _monitoring(number: int, findings: tuple[str, ...]) -> ConditionRecord:
    return _record(
        number,
        ConditionType.MONITORING,
        {"retention_days": 180, "action_hours": 24},
        findings,
        "Seeded abuse exercises, twice a year.",
        "Account monitor",
        "Two exercises in a row find at least 0.95 of the seeded abuse.",
    )


def _sunset(number: int, end: date, findings: tuple[str, ...]) -> ConditionRecord:
    return _record(
        number,
        ConditionType.SUNSET_RENEWAL,
        {"end_date": end.isoformat(), "on_expiry": "UNRESTRICTED"},
        findings,
        "The calendar.",
        "Nothing to build",
    )


def trusted_proposal(today: date, days: int = 180) -> Proposal:
    found = ("F-CY-01", "F-DA-01")
    return Proposal(
        outcome=Outcome.RESTRICT,
        reasons={},
        conditions=(
            _record(1, ConditionType.ACCESS_TIER_MAX, {"max_tier": "T1"}, found, "A probe account from outside, each month.", "Tier gate", BACK),
            _record(2, ConditionType.ORG_ALLOWLIST, {"list": "PUBLISHED", "criteria": "the criteria of version 2, published by the lab", "decision_days": 10, "appeal_to": "OUTSIDE_REVIEWER", "includes_foreign_staff": True}, found, "A sample of one in twenty admissions, each quarter.", "Business verified", BACK),
            _monitoring(3, found),
            _record(4, ConditionType.REPORTING, {"events": "confirmed misuse of the trusted profile", "deadline_hours": 72}, found, "Timeliness of reports.", "Incident desk", "No confirmed misuse in 12 months."),
            _sunset(5, today + timedelta(days=days), found),
        ),
        alternatives=(
            Alternative(description="Monitoring of all users alone", residual_tier="2", why_insufficient="It acts after the intrusion."),
            Alternative(description="A rate limit for each account", residual_tier="2", why_insufficient="One success needs few attempts."),
        ),
        comparables=(Comparable(name="Heron 4", outcome="Approved", comparison="The same weights with all four safeguards.", distinguishing_factor="Two safeguards are lifted here, so the residual tier is higher."),),
        transition="The trusted profile has no users yet.",
    )  # fmt: skip


def _tern_alternatives() -> tuple[Alternative, ...]:
    return (
        Alternative(
            description="Monitoring alone", residual_tier="2", why_insufficient="It acts after the intrusion."
        ),
        Alternative(
            description="A limit of 20 requests an hour for each account",
            residual_tier="2",
            why_insufficient="The measured attempts needed fewer than ten requests.",
        ),
    )


def _tern_comparable() -> tuple[Comparable, ...]:
    return (
        Comparable(
            name="Heron 4",
            outcome="Approved",
            comparison="Half the rate on the same suite and version, and a line that is not reached.",
            distinguishing_factor="A measurable difference in capability: 0.355 against 0.155.",
        ),
    )


def tern_notice(today: date) -> Proposal:
    found = ("F-CY-01",)
    return Proposal(
        outcome=Outcome.RESTRICT,
        reasons={},
        conditions=(
            _record(1, ConditionType.ACCESS_TIER_MAX, {"max_tier": "T1"}, found, "A probe account from outside, each month.", "Tier gate", BACK),
            _record(2, ConditionType.ORG_ALLOWLIST, {"list": "PUBLISHED", "criteria": "criteria that the lab publishes before release", "decision_days": 10, "appeal_to": "OUTSIDE_REVIEWER", "includes_foreign_staff": True}, found, "A sample of one in twenty admissions, each quarter.", "Business verified", BACK),
            _monitoring(3, found),
            _sunset(4, today + timedelta(days=180), found),
        ),
        alternatives=_tern_alternatives(),
        comparables=_tern_comparable(),
        transition="The model is not released; nobody uses it yet.",
    )  # fmt: skip


def tern_decision(today: date) -> Proposal:
    """Softer than the notice: the gate that the lab offered takes the place of the list, and one tier more is open."""
    found = ("F-CY-01",)
    return Proposal(
        outcome=Outcome.RESTRICT,
        reasons={},
        conditions=(
            _record(1, ConditionType.ACCESS_TIER_MAX, {"max_tier": "T2"}, found, "A probe account from outside, each month.", "Tier gate", BACK),
            _record(2, ConditionType.CAPABILITY_GATE, {"capability": "Chained exploitation", "period": "MONTH", "attempts": 200, "suite": "cyber_range_40", "max_upper_bound": "0.05"}, found, "The signed log of each month's run.", "Output classifier and gate", "Three months in a row pass the gate's test with safeguards off."),
            _monitoring(3, found),
            _sunset(4, today + timedelta(days=170), found),
        ),
        alternatives=_tern_alternatives(),
        comparables=_tern_comparable(),
        transition="The model is not released; nobody uses it yet.",
    )  # fmt: skip


def tern_question() -> tuple[DeficiencyItem, ...]:
    return (
        DeficiencyItem(
            id="Q-1",
            provided="EV-01 states the rate at up to 64 attempts a task.",
            missing="The rate at 256 attempts a task.",
            basis="An intruder repeats. Whether the line is reached may turn on it.",
            cure="A run with 256 attempts, or why it cannot be made.",
            severity=Severity.MAJOR,
        ),
        DeficiencyItem(
            id="Q-2",
            provided="The logs name the model, not its checkpoint.",
            missing="That the evidence comes from the final checkpoint.",
            basis="A decision concerns the weights that will be released.",
            cure="The digest of the checkpoint in each log, or a bridging argument.",
            severity=Severity.MINOR,
        ),
    )
