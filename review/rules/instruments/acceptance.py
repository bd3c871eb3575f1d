"""Completeness across the forms: the one list of what is missing, and the acceptance questions made from it.

The to-do of a draft, the refusal to submit and the check of a package read `missing`; the screening checklist
(program rule 10.3) groups the same entries. Completeness, never merit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from review.rules.instruments.evidence_rules import EvidenceSummary, evidence_problems, item_problems
from review.rules.instruments.instrument import all_current
from review.rules.instruments.shape import Filing, Problem, Value, is_state, row_answers, value_of
from review.rules.instruments.visibility import rows_of
from review.rules.vocabulary import ChecklistAnswer


class Missing(Value, frozen=True, kw_only=True):
    """One thing without which a filing is not complete, or that is wrong in it.

    `place` is `instrument/section/field`; `evidence` is the id of the evidence item, where it concerns one.
    `field` is the id of the input on the page of that section.
    """

    instrument: str
    section: str
    field: str
    place: str
    sentence: str
    cure: str = ""
    code: str = "missing"
    evidence: str = ""


class AcceptanceItem(Value, frozen=True, kw_only=True):
    """One acceptance question with what the rules found, before a person answers it."""

    key: str
    question: str
    places: tuple[str, ...]
    by_rule: ChecklistAnswer
    found: str
    cure: str


class Question(Value, frozen=True, kw_only=True):
    """An acceptance question and the places of the forms that answer it (prefixes of `Missing.place`)."""

    key: str
    question: str
    covers: tuple[str, ...]


QUESTIONS = (
    Question(
        key="identity",
        question="Are applicant, model and officer named, with authority to file?",
        covers=("cover_sheet/applicant/", "cover_sheet/model/", "cover_sheet/authority/"),
    ),
    Question(
        key="disclosure",
        question="Are sections A and B of the capability disclosure complete, with units?",
        covers=("capability_disclosure/A/", "capability_disclosure/B/"),
    ),
    Question(
        key="compute",
        question="Is training compute estimated, with the method?",
        covers=tuple(
            f"capability_disclosure/B/{key}"
            for key in (
                "training_compute_flop",
                "estimate_method",
                "uncertainty_factor",
                "post_training_compute_flop",
                "cumulative_compute_flop",
            )
        ),
    ),
    Question(
        key="tier_claims",
        question="Does each domain have a tier claim with its status?",
        covers=("capability_disclosure/C_",),
    ),
    Question(
        key="tier_evidence",
        question="Is there evidence for each claim of tier 2 or higher?",
        covers=("evaluation_evidence/overview/absent_evidence",),
    ),
    Question(
        key="final_checkpoint",
        question="Is evidence from the final checkpoint, or is there a bridging argument?",
        covers=(
            "evaluation_evidence/overview/final_checkpoint",
            "evaluation_evidence/overview/bridging_statement",
            "evaluation_evidence/item/final_checkpoint",
            "evaluation_evidence/item/checkpoint_delta",
        ),
    ),
    Question(
        key="transcripts",
        question="Are there five transcripts or pointers for each evaluation?",
        covers=("evaluation_evidence/item/samples_",),
    ),
    Question(
        key="failed_runs",
        question="Are failed runs declared, or is it said that there were none?",
        covers=("evaluation_evidence/overview/failed_runs", "evaluation_evidence/item/failed_runs_"),
    ),
    Question(
        key="safeguards",
        question="Are safeguards S1 to S7 complete?",
        covers=tuple(f"safeguards/S{number}/" for number in range(1, 8)),
    ),
    Question(
        key="weight_security",
        question="Is the weight security level given, with its assessor?",
        covers=("safeguards/S4/security_level", "safeguards/S4/assessed_by"),
    ),
    Question(
        key="deployment",
        question="Is the deployment plan complete, P1 to P7?",
        covers=tuple(f"deployment_plan/P{number}/" for number in range(1, 8)),
    ),
    Question(
        key="feasibility",
        question="Is the feasibility table P5 filled for every channel?",
        covers=("deployment_plan/P5/",),
    ),
    Question(
        key="jailbreaks",
        question="Are known jailbreaks listed with effort in hours?",
        covers=("safeguards/S2/", "safeguards/S3/", "capability_disclosure/E/"),
    ),
    Question(
        key="external_evaluators",
        question="Are external evaluators named, or their absence justified?",
        covers=(
            "capability_disclosure/G/external_evaluators",
            "capability_disclosure/G/no_external_evaluator_justification",
        ),
    ),
    Question(
        key="comparators",
        question="Are comparators named, or is it said that none is known?",
        covers=(
            "cover_sheet/track/comparators",
            *(
                f"capability_disclosure/C_{domain}/counterfactual_availability"
                for domain in ("CYBER", "CBRN", "AUTONOMY", "MANIPULATION")
            ),
        ),
    ),
    Question(
        key="planned_changes",
        question="Are planned changes given, or a change control plan?",
        covers=("capability_disclosure/I/",),
    ),
    Question(
        key="confidentiality",
        question="Is each departure from the usual marking justified?",
        covers=("cover_sheet/confidentiality/",),
    ),
    Question(
        key="predicate",
        question="Is the authorized model named and compared?",
        covers=("cover_sheet/track/predicate", "cover_sheet/track/comparison"),
    ),
    Question(
        key="specification",
        question="Are model specification and system prompt given?",
        covers=(
            "capability_disclosure/B/model_specification",
            "capability_disclosure/B/refusal_topics",
            "capability_disclosure/B/system_prompt",
        ),
    ),
    Question(
        key="incident_contact",
        question="Is there an incident contact for day and night?",
        covers=("cover_sheet/applicant/incident_contact",),
    ),
)
"""The acceptance checklist, first version (program rule 10.3)."""
OTHER = Question(key="other", question="Is every other required question answered?", covers=())
BUILDS_ON_ANOTHER = ("COMPARABLE", "SUPPLEMENT_PRIOR_APPROVAL", "SUPPLEMENT_CHANGES_BEING_EFFECTED")


def missing(filing: Filing, evidence: Iterable[EvidenceSummary]) -> list[Missing]:
    """Everything that is missing or wrong in a filing, in the order of the forms."""
    items = tuple(evidence)
    listed: list[Missing] = []
    for instrument in all_current():
        problems = instrument.judge(filing.get(instrument.name) or {}, filing)
        listed += [_entry(instrument.name, problem) for problem in problems]
        if instrument.name == "evaluation_evidence":
            listed += [_entry(instrument.name, problem) for problem in evidence_problems(filing, items)]
            listed += [
                _entry(instrument.name, problem, item)
                for item in items
                for problem in item_problems(item, filing)
            ]
    listed += [_entry("deployment_plan", problem) for problem in feasibility_problems(filing)]
    return listed


def _entry(instrument: str, problem: Problem, item: EvidenceSummary | None = None) -> Missing:
    about = f"{item.id} {item.title}".strip() + ": " if item else ""
    return Missing(
        instrument=instrument,
        section=problem.section,
        field=problem.field,
        place=f"{instrument}/{problem.place}",
        sentence=f"{about}{problem.sentence}",
        cure=problem.cure,
        code=problem.code,
        evidence=item.id if item else "",
    )


def feasibility_problems(filing: Filing) -> Iterator[Problem]:
    """Every channel of P1 needs a row in P5; a table given as an answer state covers all channels."""
    plan = filing.get("deployment_plan") or {}
    table = (plan.get("P5") or {}).get("feasibility")
    if is_state(table) or not rows_of(table):
        return
    covered = {str(value_of(row_answers(row).get("channel"))) for row in rows_of(table)}
    channels = dict.fromkeys(
        channel
        for row in rows_of((plan.get("P1") or {}).get("channels"))
        if isinstance(channel := value_of(row_answers(row).get("channel")), str)
    )
    for channel in channels:
        if channel not in covered:
            label = _channel_label(channel)
            yield Problem(
                place="P5/feasibility",
                code="channel_without_feasibility",
                sentence=f"P5: no method given for {label}",
                cure=f"Add a row for {label}, also where you check nothing there.",
                missing=True,
            )


def _channel_label(channel: str) -> str:
    plan = next(each for each in all_current() if each.name == "deployment_plan")
    return plan.section("P1").field("channels").fields[0].label_of(channel)


def checklist(filing: Filing, evidence: Iterable[EvidenceSummary]) -> tuple[AcceptanceItem, ...]:
    """The acceptance questions with what the rules found for each (program rule 10.3)."""
    listed = missing(filing, evidence)
    covered = {entry.place for entry in listed if any(_covers(each, entry) for each in QUESTIONS)}
    rest = [entry for entry in listed if entry.place not in covered]
    asked = [_answer(each, [entry for entry in listed if _covers(each, entry)], filing) for each in QUESTIONS]
    return (*asked, _answer(OTHER, rest, filing))


def _covers(question: Question, entry: Missing) -> bool:
    return entry.place.startswith(question.covers)


def _answer(question: Question, entries: list[Missing], filing: Filing) -> AcceptanceItem:
    by_rule = ChecklistAnswer.NO if entries else ChecklistAnswer.YES
    if not entries and question.key == "predicate" and not _builds_on_another(filing):
        by_rule = ChecklistAnswer.NOT_APPLICABLE
    return AcceptanceItem(
        key=question.key,
        question=question.question,
        places=tuple(dict.fromkeys(entry.place for entry in entries)) or question.covers,
        by_rule=by_rule,
        found=_found(entries, by_rule),
        cure=" ".join(dict.fromkeys(f"{entry.sentence}. {entry.cure}" for entry in entries)),
    )


def _builds_on_another(filing: Filing) -> bool:
    track = ((filing.get("cover_sheet") or {}).get("track") or {}).get("track")
    return track in BUILDS_ON_ANOTHER


def _found(entries: list[Missing], by_rule: ChecklistAnswer) -> str:
    if by_rule is ChecklistAnswer.NOT_APPLICABLE:
        return "The track builds on no authorization."
    if not entries:
        return "Every answer that this asks for is there."
    return (
        "One answer is missing or wrong."
        if len(entries) == 1
        else f"{len(entries)} answers are missing or wrong."
    )
