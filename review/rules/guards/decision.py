"""Recommendation and decision: what was noticed, answered, signed and ratified."""

from review.rules import conditions as condition_rules
from review.rules.entities import EvidenceItem, Proposal
from review.rules.evidence import grade_of_item
from review.rules.facts import Facts
from review.rules.given import NoticeAnswer
from review.rules.guards.proposal import decision_proposal
from review.rules.guards.registry import guard, no
from review.rules.guards.review import every_discipline_signed, grave_findings_cite_evidence
from review.rules.refusals import Refusal
from review.rules.vocabulary import Conclusion, Outcome


@guard("memo_ready")
def memo_is_written(f: Facts) -> Refusal | None:
    if f.memo is None:
        return no("memo_ready", "Write the cross-discipline memo first.", "decision")
    if not f.memo.summary.strip():
        return no("memo_ready", "The memo has no summary.", "decision")
    return None


@guard("benefit_risk")
def grid_is_complete(f: Facts) -> Refusal | None:
    """The benefit-risk grid is required for RESTRICT and DENY and whenever a finding is decisive."""
    if f.memo is None:
        return None
    if f.memo.recommendation is Outcome.APPROVE and not f.decisive:
        return None
    rows = {r.dimension: r for r in f.memo.benefit_risk}
    if len(rows) == 5 and all(
        r.evidence_uncertainties.strip() and r.conclusions_reasons.strip() for r in rows.values()
    ):
        return None
    return no("benefit_risk", "Complete the five rows of the benefit-risk grid.", "decision")


@guard("clean_approval")
def recommendation_is_clean(f: Facts) -> Refusal | None:
    if f.recommended is Outcome.APPROVE:
        return None
    return no("clean_approval", "Only an approval without conditions goes on without a notice.", "decision")


@guard("returned_once")
def may_be_returned(f: Facts) -> Refusal | None:
    if f.cycle is None or f.cycle.returned < f.policy.review.returns_to_review:
        return None
    return no("returned_once", "A recommendation may be returned once only. It has been.", "decision")


@guard("adverse_recommendation")
def recommendation_is_adverse(f: Facts) -> Refusal | None:
    if f.draft_notice is not None and f.draft_notice.proposal.outcome is Outcome.APPROVE:
        return no("adverse_recommendation", "A notice announces a restriction or a denial.", "decision")
    return None


@guard("response_open")
def window_is_open(f: Facts) -> Refusal | None:
    if not isinstance(f.given, NoticeAnswer):
        return None
    if f.given.waived or any(point.strip() for point in f.given.points):
        return None
    return no("response_open", "Give at least one point, or waive the response.", "decision")


@guard("window_lapsed")
def window_has_lapsed(f: Facts) -> Refusal | None:
    notice = f.last_notice
    if notice is None or notice.respond_by is None or f.today > notice.respond_by:
        return None
    return no("window_lapsed", "The lab may still respond.")


@guard("outcome_matches")
def decision_is_drafted(f: Facts) -> Refusal | None:
    if f.decision is None or f.decision.decided_at is not None:
        return no("outcome_matches", "Write the decision first.", "decision")
    return None


def _outcome(f: Facts, wanted: Outcome) -> Refusal | None:
    proposal = decision_proposal(f)
    if proposal is None or proposal.outcome is wanted:
        return None
    return no("outcome", f"The draft decision says {proposal.outcome.label.lower()}.", "decision")


@guard("outcome_approve")
def draft_approves(f: Facts) -> Refusal | None:
    return _outcome(f, Outcome.APPROVE)


@guard("outcome_restrict")
def draft_restricts(f: Facts) -> Refusal | None:
    return _outcome(f, Outcome.RESTRICT)


@guard("outcome_deny")
def draft_denies(f: Facts) -> Refusal | None:
    return _outcome(f, Outcome.DENY)


@guard("G-NOTICE")
def notice_was_given(f: Facts) -> Refusal | None:
    """No adverse decision without a notice, none harsher than the notice, none on evidence that it did not have."""
    proposal = decision_proposal(f)
    if proposal is None or proposal.outcome is Outcome.APPROVE:
        return None
    last = f.last_notice
    if last is None:
        return no("G-NOTICE", "No notice of this decision was given. Issue a notice first.", "decision")
    harsher = condition_rules.harsher_than(
        proposal.outcome,
        [r.condition for r in proposal.conditions],
        last.proposal.outcome,
        [r.condition for r in last.proposal.conditions],
        offered=offered_types(last.offered_conditions),
    )
    if harsher is None:
        return no(
            "G-NOTICE",
            "The decision burdens the lab in a way that the notice did not. Issue a new notice.",
            "decision",
        )
    if harsher:
        return no("G-NOTICE", "The decision is harsher than the notice. Issue a new notice.", "decision")
    if last.issued_at is not None and any(i.attached_at > last.issued_at for i in _cited(f, proposal)):
        return no(
            "G-NOTICE",
            "The decision rests on evidence newer than the notice. Issue a new notice.",
            "decision",
        )
    return None


def offered_types(text: str) -> tuple[condition_rules.ConditionType, ...]:
    """Kinds of condition that the lab itself offered; the response form writes their codes into the text."""
    return tuple(kind for kind in condition_rules.ConditionType if kind.value in text)


def _cited(f: Facts, proposal: Proposal) -> list[EvidenceItem]:
    text = " ".join(proposal.reasons.values())
    return [item for item in f.evidence if item.number in text]


@guard("new_notice_needed")
def new_notice_is_needed(f: Facts) -> Refusal | None:
    """A new notice is for a decision that no notice covers."""
    if f.draft_notice is None:
        return no("new_notice_needed", "Write the new notice first.", "decision")
    return None


@guard("points_answered")
def response_is_answered(f: Facts) -> Refusal | None:
    """The lab's response is answered point by point."""
    last = f.last_notice
    if last is None or f.decision is None:
        return None
    answers = f.decision.point_answers if f.decision.notice_id == last.id else {}
    for number, point in enumerate(last.points, 1):
        if not answers.get(point.id, "").strip():
            return no("points_answered", f"Point {number} of the lab's response has no answer.", "decision")
    return None


@guard("signatures_valid")
def signatures_hold_now(f: Facts) -> Refusal | None:
    """All required signatures are valid at this moment (hash check)."""
    refusal = every_discipline_signed(f)
    if refusal:
        return no("signatures_valid", refusal.sentence, "review")
    if f.memo is None or not f.signed(f.memo.signature_id):
        return no("signatures_valid", "The memo's signature is not valid.", "decision")
    return grave_findings_cite_evidence(f)


@guard("fresh_declaration")
def declaration_is_fresh(f: Facts) -> Refusal | None:
    """The deciding official's conflict declaration is at most 30 days old."""
    own = f.my_attestation
    days = f.policy.conflicts.attestation_days_at_decision
    if own is not None and (f.now - own.at).days <= days:
        return None
    return no(
        "fresh_declaration", f"Your conflict declaration is older than {days} days. Declare again.", "declare"
    )


@guard("decisive_grade")
def decisive_findings_rest_on_graded_evidence(f: Facts) -> Refusal | None:
    """An adverse decision cites evidence graded E1 or E2 for each decisive finding, or is precautionary."""
    proposal = decision_proposal(f)
    if proposal is None or proposal.outcome is Outcome.APPROVE:
        return None
    for finding in f.decisive:
        grades = {
            grade_of_item(f.evidence_by_id[c.evidence_id]).letter
            for c in finding.citations
            if c.evidence_id in f.evidence_by_id
        }
        if grades & set(f.policy.evidence.decisive_grades):
            continue
        if condition_rules.precautionary(
            [r.condition for r in proposal.conditions], f.today, f.policy.evidence.precautionary_sunset_days
        ):
            continue
        days = f.policy.evidence.precautionary_sunset_days
        return no(
            "decisive_grade",
            f"{finding.number} rests on no evidence graded E1 or E2. Add a sunset within {days} days.",
            "decision",
        )
    return None


@guard("G-DENY")
def denial_is_earned(f: Facts) -> Refusal | None:
    """A denial rests on a concern that cannot be mitigated, or on evidence that was asked for and not given."""
    proposal = decision_proposal(f)
    if proposal is None or proposal.outcome is not Outcome.DENY:
        return None
    conclusions = {r.conclusion for r in f.live_reviews}
    asked = any(r.answered_at is not None for r in f.requests)
    if Conclusion.CONCERN_NOT_MITIGABLE not in conclusions and not (
        Conclusion.INSUFFICIENT_EVIDENCE in conclusions and asked
    ):
        return no("G-DENY", "No discipline finds a concern that conditions cannot meet.", "decision")
    if not proposal.path_to_approval.strip():
        return no("G-DENY", "Describe the path to approval.", "decision", "21 CFR 314.110")
    return None


@guard("open_weights_panel")
def open_weights_need_the_panel(f: Facts) -> Refusal | None:
    """An open-weight release cannot be taken back: the panel's advice is on record, signed."""
    if f.case is None or not f.case.open_weights:
        return None
    if f.panel is not None and f.signed(f.panel.signature_id):
        return None
    return no("open_weights_panel", "An open-weight release needs the panel's advice on record.", "decision")


@guard("open_weights_ratified")
def open_weights_are_ratified(f: Facts) -> Refusal | None:
    if f.case is None or not f.case.open_weights or f.decision is None:
        return None
    if f.signed(f.decision.ratifier_signature_id):
        return None
    return no("open_weights_ratified", "An open-weight release needs a ratifier's signature.", "decision")


@guard("is_open_weights")
def release_is_open_weights(f: Facts) -> Refusal | None:
    if f.case is not None and f.case.open_weights:
        return None
    return no("is_open_weights", "This concerns open-weight releases only.")
