"""Information requests: four elements, concurrence, no question twice, answers."""

from review.rules.facts import Facts
from review.rules.given import ItemAnswer, Questions
from review.rules.guards.registry import guard, no
from review.rules.refusals import Refusal
from review.rules.vocabulary import Role


@guard("four_elements")
def items_have_four_elements(f: Facts) -> Refusal | None:
    """What was provided, what is missing, why it matters, what would resolve it."""
    items = f.given.items if isinstance(f.given, Questions) else None
    if items is None:
        draft = f.draft_request
        if isinstance(f.given, ItemAnswer):
            return None
        items = draft.items if draft else None
    if items is None:
        return None
    if not items:
        return no("four_elements", "Ask at least one thing.", "questions")
    for number, item in enumerate(items, 1):
        for part, words in (
            (item.provided, "what was provided"),
            (item.missing, "what is missing"),
            (item.basis, "why it matters to the decision"),
            (item.cure, "what would resolve it"),
        ):
            if not part.strip():
                return no("four_elements", f"Item {number}: say {words}.", "questions", "least burdensome")
    return None


@guard("question_drafted")
def question_is_drafted(f: Facts) -> Refusal | None:
    if f.draft_request is None:
        return no("question_drafted", "No question is drafted.", "questions")
    return None


@guard("request_concurred")
def request_has_concurrence(f: Facts) -> Refusal | None:
    """A reviewer drafts and the lead concurs by issuing; what the lead drafted, the deciding official concurs with."""
    draft = f.draft_request
    if draft is None:
        return None
    if draft.drafted_by == f.actor.id and draft.concurred_by is None:
        return no(
            "request_concurred",
            "You drafted this. The deciding official must concur first.",
            "questions",
            "G-SOD-2",
        )
    return None


@guard("G-SOD-2")
def not_the_author(f: Facts) -> Refusal | None:
    """An author cannot concur with the author's own document."""
    draft = f.draft_request
    if draft is not None and draft.drafted_by == f.actor.id:
        return no(
            "G-SOD-2", "You drafted this. Another person must concur.", "questions", "separation of duties"
        )
    return None


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


@guard("not_asked_before")
def not_asked_before(f: Facts) -> Refusal | None:
    draft = f.draft_request
    if draft is None:
        return None
    asked = {
        _plain(item.missing): request.number
        for request in f.requests
        if request.issued_at is not None
        for item in request.items
    }
    for item in draft.items:
        if _plain(item.missing) in asked:
            return no("not_asked_before", f"{asked[_plain(item.missing)]} already asked this.", "questions")
    return None


@guard("holds_left")
def holds_are_left(f: Facts) -> Refusal | None:
    """At most two holds a cycle, unless the deciding official approved the question."""
    issued = [r for r in f.requests if r.issued_at is not None]
    limit = f.policy.information_requests.holds_per_cycle
    draft = f.draft_request
    signatory = f.holder(Role.SIGNATORY)
    approved = draft is not None and signatory is not None and draft.concurred_by == signatory.person_id
    if len(issued) < limit or approved:
        return None
    return no(
        "holds_left", f"{limit} holds are used. The deciding official must concur with a third.", "questions"
    )


@guard("no_request_open")
def no_draft_is_open(f: Facts) -> Refusal | None:
    """Drafting replaces one's own draft; another person's draft is not overwritten."""
    draft = f.draft_request
    if f.given is None or draft is None or draft.drafted_by == f.actor.id:
        return None
    return no("no_request_open", f"{draft.number} is being drafted by another person.", "questions")


@guard("item_exists")
def item_is_part_of_the_request(f: Facts) -> Refusal | None:
    if not isinstance(f.given, ItemAnswer):
        return None
    request = f.open_request
    if request is None or f.given.item_id not in {item.id for item in request.items}:
        return no("item_exists", "This question is not open.", "questions")
    if not (f.given.answer.strip() or f.given.cannot_because.strip()):
        return no("item_exists", "Answer, or say why you cannot.", "questions")
    return None


@guard("every_item_answered")
def every_item_is_answered(f: Facts) -> Refusal | None:
    """Every item answered, or answered 'cannot, because'. A partial response keeps the hold."""
    request = f.open_request
    if request is None:
        return no("every_item_answered", "No question is open.", "questions")
    left = [item for item in request.items if not item.answered]
    if not left:
        return None
    return no(
        "every_item_answered", f"{len(left)} of {len(request.items)} items have no answer yet.", "questions"
    )


@guard("request_silence")
def request_unanswered(f: Facts) -> Refusal | None:
    """60 days of silence; the warnings of days 30 and 53 sent, the last at least 7 days ago."""
    request = f.open_request
    if request is None or request.issued_at is None:
        return no("request_silence", "No question is open.")
    issued = request.issued_at.astimezone(f.policy.agency.zone).date()
    rules = f.policy.information_requests
    if (f.today - issued).days <= rules.answer_days:
        return no("request_silence", "The time to answer has not passed.")
    sent = dict(warning.split("@") for warning in request.warnings)
    if any(str(day) not in sent for day in rules.warning_days):
        return no("request_silence", "The lab has not been warned twice.")
    last = max(sent.values())
    if (f.today - f.today.fromisoformat(last)).days < rules.last_warning_lead_days:
        return no("request_silence", "The last warning is too recent.")
    return None
