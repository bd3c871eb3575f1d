"""What a filing must hold before it goes out, and what the lab may do with evidence."""

from review.rules.evidence import RESULTS
from review.rules.facts import Facts
from review.rules.given import Confirmation, Match, Protest
from review.rules.guards.registry import guard, no
from review.rules.refusals import Refusal


@guard("lab_verified")
def lab_is_verified(f: Facts) -> Refusal | None:
    if f.actor.organization_verified:
        return None
    return no(
        "lab_verified", "The agency has not verified your lab yet. You can prepare a filing after that."
    )


@guard("complete")
def nothing_is_missing(f: Facts) -> Refusal | None:
    """Every required field has a value or an answer state with a reason; evidence covers the tier claims."""
    if not f.missing:
        return None
    count = len(f.missing)
    things = "One thing is" if count == 1 else f"{count} things are"
    return no("complete", f"{things} missing. The list names each with its place.", "filing")


@guard("files_intact")
def files_are_intact(f: Facts) -> Refusal | None:
    if not f.broken_files:
        return None
    numbers = ", ".join(
        item.number for item in f.evidence if any(file.sha256 in f.broken_files for file in item.files)
    )
    return no("files_intact", f"A file of {numbers} no longer has the bytes that were filed.", "evidence")


@guard("deficiencies_answered")
def deficiencies_are_answered(f: Facts) -> Refusal | None:
    """Each item of the refusal to accept is answered before the lab files again."""
    if f.given is None or f.checklist is None:
        return None
    answers = getattr(f.given, "answered_deficiencies", {})
    open_items = [item.question for item in f.checklist.failed if not answers.get(item.key, "").strip()]
    if not open_items:
        return None
    return no("deficiencies_answered", f"Say what you did about: {open_items[0]}", "filing")


@guard("protest_window")
def within_the_protest_window(f: Facts) -> Refusal | None:
    if f.checklist is None or f.checklist.refused_on is None:
        return None
    days = f.policy.acceptance.protest_days
    if (f.today - f.checklist.refused_on).days <= days:
        return None
    return no(
        "protest_window", f"The {days} days to file over protest have passed.", "filing", "21 CFR 314.101"
    )


@guard("conference")
def conference_held_or_waived(f: Facts) -> Refusal | None:
    if not isinstance(f.given, Protest) or f.given.conference in {"HELD", "WAIVED"}:
        return None
    return no("conference", "Say whether the conference was held or is waived.", "filing", "21 CFR 314.101")


IDENTITY_ITEMS = frozenset({"identity", "incident_contact"})


@guard("identity_not_waivable")
def identity_items_hold(f: Facts) -> Refusal | None:
    if f.checklist is None:
        return None
    failed = [item for item in f.checklist.failed if item.key in IDENTITY_ITEMS]
    if not failed:
        return None
    return no("identity_not_waivable", f"A protest cannot waive this: {failed[0].question}", "filing")


@guard("reason")
def reason_is_given(f: Facts) -> Refusal | None:
    given = f.given
    if given is None or getattr(given, "reason", "x").strip():
        return None
    return no("reason", "Give the reason.")


@guard("subject_named")
def match_has_a_note(f: Facts) -> Refusal | None:
    if isinstance(f.given, Match) and not f.given.note.strip():
        return no("subject_named", "Say how you know which model the file is about.", "evidence")
    return None


@guard("finished_run")
def result_needs_a_finished_run(f: Facts) -> Refusal | None:
    """A result exists only if the run finished; other runs are kept as runs."""
    if not isinstance(f.given, Confirmation) or not f.given.measurements:
        return None
    item = f.evidence_by_id.get(f.given.evidence_id)
    if item is None:
        return no("finished_run", "There is no such evidence item.", "evidence")
    if item.status in RESULTS:
        return None
    return no(
        "finished_run",
        f"The run of {item.number} is {item.status}. It is kept as a run and gives no result.",
        "evidence",
    )
