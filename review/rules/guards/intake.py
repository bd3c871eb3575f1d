"""Acceptance: completeness, never merit; refusals with cures; lapses."""

from review.rules.facts import Facts
from review.rules.guards.registry import guard, no
from review.rules.refusals import Refusal
from review.rules.vocabulary import ChecklistAnswer, Role


@guard("checklist_done")
def checklist_is_answered(f: Facts) -> Refusal | None:
    if f.checklist is None:
        return no("checklist_done", "There is no checklist.", "filing")
    left = len(f.checklist.open)
    if not left:
        return None
    return no(
        "checklist_done", f"{left} of {len(f.checklist.items)} questions have no answer yet.", "screening"
    )


@guard("every_item_met")
def every_item_is_met(f: Facts) -> Refusal | None:
    """All items yes, or not applicable with a justification."""
    if f.checklist is None:
        return None
    failed = f.checklist.failed
    if failed:
        return no("every_item_met", f"Not met: {failed[0].question}", "screening")
    bare = [i for i in f.checklist.items if i.answer is ChecklistAnswer.NOT_APPLICABLE and not i.note.strip()]
    if bare:
        return no("every_item_met", f"Say why this does not apply: {bare[0].question}", "screening")
    return None


@guard("failed_item")
def some_item_failed(f: Facts) -> Refusal | None:
    if f.checklist is None or f.checklist.failed:
        return None
    return no("failed_item", "No item is marked as not met, so there is nothing to refuse for.", "screening")


@guard("locator_and_cure")
def failed_items_say_where_and_how(f: Facts) -> Refusal | None:
    if f.checklist is None:
        return None
    for item in f.checklist.failed:
        if not item.locator.strip() or not item.cure.strip():
            return no("locator_and_cure", f"Say where, and what would cure it: {item.question}", "screening")
    return None


@guard("refusal_concurred")
def lead_concurs_with_the_refusal(f: Facts) -> Refusal | None:
    if f.checklist is not None and f.checklist.concurred_by:
        return None
    return no("refusal_concurred", "The review lead has not concurred with the refusal.", "screening")


@guard("screening_lapsed")
def screening_deadline_passed(f: Facts) -> Refusal | None:
    if f.cycle is None or f.today > f.cycle.screening_due_on:
        return None
    return no("screening_lapsed", "The screening deadline has not passed.")


@guard("refusal_silence")
def refusal_unanswered(f: Facts) -> Refusal | None:
    """60 days of silence after a refusal, warned 7 days before."""
    if f.checklist is None or f.checklist.refused_on is None or f.cycle is None:
        return no("refusal_silence", "Nothing was refused.")
    silence = (f.today - f.checklist.refused_on).days
    if silence <= f.policy.acceptance.silence_days:
        return no("refusal_silence", "The time to answer the refusal has not passed.")
    warned = f.cycle.warned_on("refusal")
    if warned is None:
        return no("refusal_silence", "The lab has not been warned.")
    if (f.today - warned).days < f.policy.acceptance.warning_days_before:
        return no("refusal_silence", "The warning is too recent.")
    return None


@guard("lead_assigned")
def lead_is_assigned(f: Facts) -> Refusal | None:
    if f.holder(Role.LEAD):
        return None
    return no("lead_assigned", "No review lead is assigned. The docket manager assigns one.", "now")
