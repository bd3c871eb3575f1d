"""What a notice or a decision must say before it can be signed: reasons, options, comparables, conditions."""

from review.rules import conditions as condition_rules
from review.rules import reasons as reason_rules
from review.rules.entities import ConditionRecord, Decision, NoticeOfIntendedDecision, Proposal
from review.rules.facts import Facts
from review.rules.given import Target
from review.rules.guards.registry import guard, no
from review.rules.refusals import Refusal
from review.rules.vocabulary import Outcome


def _notice(f: Facts) -> Proposal | None:
    return f.draft_notice.proposal if f.draft_notice else None


def decision_proposal(f: Facts) -> Proposal | None:
    return f.decision.proposal if f.decision else None


def _reasons(f: Facts, proposal: Proposal | None, what: str, answered: bool) -> Refusal | None:
    if proposal is None:
        return no("G-REASONS", f"Write the {what} first.", "decision")
    problems = reason_rules.problems(proposal.reasons, answered)
    if problems:
        return no("G-REASONS", problems[0].sentence, "decision", "statement of reasons")
    text = " ".join(proposal.reasons.values())
    silent = [x.number for x in f.decisive if x.number not in text]
    if silent:
        return no("G-REASONS", f"The reasons do not address the decisive finding {silent[0]}.", "decision")
    return None


@guard("G-REASONS")
def notice_states_reasons(f: Facts) -> Refusal | None:
    return _reasons(f, _notice(f), "notice", False)


@guard("G-REASONS-DEC")
def decision_states_reasons(f: Facts) -> Refusal | None:
    """The statement of reasons has 7 parts and covers every decisive finding."""
    last = f.last_notice
    return _reasons(f, decision_proposal(f), "decision", last is not None and last.response == "RESPONSE")


def _alternatives(f: Facts, proposal: Proposal | None) -> Refusal | None:
    if proposal is None or proposal.outcome is Outcome.APPROVE:
        return None
    least = f.policy.review.less_restrictive_options
    full = [a for a in proposal.alternatives if a.description.strip() and a.why_insufficient.strip()]
    if len(full) < least:
        return no(
            "G-LRA",
            f"Consider at least {least} less restrictive options, each with why it fails.",
            "decision",
        )
    last = f.last_notice
    offered = last is not None and last.offered_conditions.strip()
    if offered and not any(a.offered_by_lab for a in full) and not proposal.conditions:
        return no("G-LRA", "The lab offered conditions. Say why they are not enough.", "decision")
    return None


@guard("G-LRA")
def notice_considers_alternatives(f: Facts) -> Refusal | None:
    return _alternatives(f, _notice(f))


@guard("G-LRA-DEC")
def decision_considers_alternatives(f: Facts) -> Refusal | None:
    return _alternatives(f, decision_proposal(f))


def _comparables(proposal: Proposal | None) -> Refusal | None:
    if proposal is None:
        return None
    if (
        any(c.name.strip() and c.comparison.strip() for c in proposal.comparables)
        or proposal.comparables_note.strip()
    ):
        return None
    return no("consistency", "Name the comparable cases considered, or say that there is none.", "decision")


@guard("consistency")
def notice_compares(f: Facts) -> Refusal | None:
    return _comparables(_notice(f))


@guard("consistency_dec")
def decision_compares(f: Facts) -> Refusal | None:
    return _comparables(decision_proposal(f))


def _conditions(f: Facts, proposal: Proposal | None) -> Refusal | None:
    if proposal is None or proposal.outcome is not Outcome.RESTRICT:
        return None
    if not proposal.conditions:
        return no("G-COND", "A restriction needs at least one condition.", "decision")
    numbers = {x.number for x in f.live_findings}
    for record in proposal.conditions:
        refusal = _condition(record, numbers)
        if refusal:
            return refusal
    clash = condition_rules.contradictions([r.condition for r in proposal.conditions])
    if clash:
        return no("G-COND", clash[0].sentence, "decision")
    sunset = condition_rules.sunset_problems(
        [r.condition for r in proposal.conditions], f.today, f.policy, precautionary=False
    )
    return no("G-COND", sunset[0].sentence, "decision") if sunset else None


def _condition(record: ConditionRecord, numbers: set[str]) -> Refusal | None:
    wrong = condition_rules.validate(record.condition.type, record.condition.params)
    if wrong:
        return no("G-COND", f"{record.id}: {wrong[0].sentence}", f"decision/{record.id}")
    if not set(record.findings) & numbers:
        return no("G-COND", f"{record.id} names no finding that it answers.", f"decision/{record.id}")
    if not record.verification.strip():
        return no("G-COND", f"{record.id}: say how compliance is verified.", f"decision/{record.id}")
    if not record.feasibility:
        return no("G-COND", f"{record.id}: state feasibility for each channel.", f"decision/{record.id}")
    if any(row.result == "INFEASIBLE" for row in record.feasibility):
        return no("G-COND", f"{record.id} is not feasible on one channel.", f"decision/{record.id}")
    if not record.restoration.strip() and not condition_rules.is_sunset(record.condition):
        return no(
            "G-COND",
            f"{record.id} has no way back: a restoration criterion or a sunset.",
            f"decision/{record.id}",
        )
    return None


@guard("feasibility")
def notice_conditions_hold(f: Facts) -> Refusal | None:
    return _conditions(f, _notice(f))


@guard("G-COND")
def decision_conditions_hold(f: Facts) -> Refusal | None:
    """Every condition names a finding, a verification, is feasible, has a transition and a way back."""
    return _conditions(f, decision_proposal(f))


def _transition(proposal: Proposal | None) -> Refusal | None:
    if proposal is None or proposal.outcome is Outcome.APPROVE or proposal.transition.strip():
        return None
    return no("transition", "State the transition for present users, or that there are none.", "decision")


@guard("transition")
def notice_has_transition(f: Facts) -> Refusal | None:
    return _transition(_notice(f))


@guard("transition_dec")
def decision_has_transition(f: Facts) -> Refusal | None:
    return _transition(decision_proposal(f))


def _counsel(f: Facts, record: NoticeOfIntendedDecision | Decision | None, what: str) -> Refusal | None:
    if record is None:
        return None
    if f.signed(record.counsel_signature_id):
        return None
    if record.counsel_note:
        sentence = f"Counsel does not concur with the {what}. Change it first."
        return no("counsel", sentence, f"decision/{what}")
    if record.counsel_signature_id is not None:
        return no(
            "counsel", f"The {what} changed after counsel concurred. Counsel must look again.", "decision"
        )
    return no("counsel", f"Counsel has not concurred with the {what}.", "decision")


@guard("counsel")
def counsel_concurs_with_notice(f: Facts) -> Refusal | None:
    return _counsel(f, f.draft_notice, "notice")


@guard("counsel_dec")
def counsel_concurs_with_decision(f: Facts) -> Refusal | None:
    """Two persons decide: the deciding official and counsel."""
    return _counsel(f, f.decision, "decision")


@guard("counsel_target")
def counsel_has_a_text(f: Facts) -> Refusal | None:
    """There is a text to concur with, and counsel did not write it (G-SOD-2)."""
    drafted = {"notice"} if f.draft_notice is not None else set()
    if f.decision is not None and f.decision.decided_at is None:
        drafted.add("decision")
    if not drafted:
        return no("counsel_target", "There is no draft to concur with yet.", "decision")
    if isinstance(f.given, Target) and f.given.target not in drafted:
        return no("counsel_target", "That text is not open for concurrence.", "decision")
    return None
