"""Named conditions of the procedure: each asks the facts and answers with a refusal or with nothing.

A guard that judges what an act is given is silent while nothing is given, so that the same guards say what is
open before a form is filled and refuse a bad one after.
"""

from collections.abc import Callable

from review.rules import conditions as condition_rules
from review.rules import reasons as reason_rules
from review.rules.entities import ConditionRecord, Decision, EvidenceItem, NoticeOfIntendedDecision, Proposal
from review.rules.evidence import RESULTS, grade_of_item
from review.rules.facts import Facts
from review.rules.given import (
    Assign,
    Confirmation,
    FindingGiven,
    Invitation,
    ItemAnswer,
    Match,
    NoticeAnswer,
    Protest,
    Questions,
    Reason,
    ReviewConclusion,
    ReviewOf,
    RoleRequest,
    Target,
)
from review.rules.refusals import Refusal
from review.rules.vocabulary import (
    LAB_ROLES,
    ChecklistAnswer,
    Conclusion,
    Discipline,
    Outcome,
    Role,
    Severity,
)

Guard = Callable[[Facts], Refusal | None]
GUARDS: dict[str, Guard] = {}


def guard(name: str) -> Callable[[Guard], Guard]:
    """Register a guard under the name that the table of steps uses."""

    def register(function: Guard) -> Guard:
        assert name not in GUARDS, name
        GUARDS[name] = function
        return function

    return register


def _no(code: str, sentence: str, place: str = "", citation: str = "") -> Refusal:
    return Refusal(code=code, sentence=sentence, place=place, citation=citation)


# Filing -----------------------------------------------------------------------------------------


@guard("lab_verified")
def lab_is_verified(f: Facts) -> Refusal | None:
    if f.actor.organization_verified:
        return None
    return _no(
        "lab_verified", "The agency has not verified your lab yet. You can prepare a filing after that."
    )


@guard("complete")
def nothing_is_missing(f: Facts) -> Refusal | None:
    """Every required field has a value or an answer state with a reason; evidence covers the tier claims."""
    if not f.missing:
        return None
    count = len(f.missing)
    things = "One thing is" if count == 1 else f"{count} things are"
    return _no("complete", f"{things} missing. The list names each with its place.", "filing")


@guard("files_intact")
def files_are_intact(f: Facts) -> Refusal | None:
    if not f.broken_files:
        return None
    numbers = ", ".join(
        item.number for item in f.evidence if any(file.sha256 in f.broken_files for file in item.files)
    )
    return _no("files_intact", f"A file of {numbers} no longer has the bytes that were filed.", "evidence")


@guard("deficiencies_answered")
def deficiencies_are_answered(f: Facts) -> Refusal | None:
    """Each item of the refusal to accept is answered before the lab files again."""
    if f.given is None or f.checklist is None:
        return None
    answers = getattr(f.given, "answered_deficiencies", {})
    open_items = [item.question for item in f.checklist.failed if not answers.get(item.key, "").strip()]
    if not open_items:
        return None
    return _no("deficiencies_answered", f"Say what you did about: {open_items[0]}", "filing")


@guard("protest_window")
def within_the_protest_window(f: Facts) -> Refusal | None:
    if f.checklist is None or f.checklist.refused_on is None:
        return None
    days = f.policy.acceptance.protest_days
    if (f.today - f.checklist.refused_on).days <= days:
        return None
    return _no(
        "protest_window", f"The {days} days to file over protest have passed.", "filing", "21 CFR 314.101"
    )


@guard("conference")
def conference_held_or_waived(f: Facts) -> Refusal | None:
    if not isinstance(f.given, Protest) or f.given.conference in {"HELD", "WAIVED"}:
        return None
    return _no("conference", "Say whether the conference was held or is waived.", "filing", "21 CFR 314.101")


IDENTITY_ITEMS = frozenset({"identity", "incident_contact"})


@guard("identity_not_waivable")
def identity_items_hold(f: Facts) -> Refusal | None:
    if f.checklist is None:
        return None
    failed = [item for item in f.checklist.failed if item.key in IDENTITY_ITEMS]
    if not failed:
        return None
    return _no("identity_not_waivable", f"A protest cannot waive this: {failed[0].question}", "filing")


@guard("reason")
def reason_is_given(f: Facts) -> Refusal | None:
    given = f.given
    if given is None or getattr(given, "reason", "x").strip():
        return None
    return _no("reason", "Give the reason.")


@guard("evidence_open")
def evidence_may_change(f: Facts) -> Refusal | None:
    """Evidence changes in the lab's own draft, or in answer to a question that holds the clock."""
    return None


@guard("subject_named")
def match_has_a_note(f: Facts) -> Refusal | None:
    if isinstance(f.given, Match) and not f.given.note.strip():
        return _no("subject_named", "Say how you know which model the file is about.", "evidence")
    return None


@guard("finished_run")
def result_needs_a_finished_run(f: Facts) -> Refusal | None:
    """A result exists only if the run finished; other runs are kept as runs."""
    if not isinstance(f.given, Confirmation) or not f.given.measurements:
        return None
    item = f.evidence_by_id.get(f.given.evidence_id)
    if item is None:
        return _no("finished_run", "There is no such evidence item.", "evidence")
    if item.status in RESULTS:
        return None
    return _no(
        "finished_run",
        f"The run of {item.number} is {item.status}. It is kept as a run and gives no result.",
        "evidence",
    )


# Intake -----------------------------------------------------------------------------------------


@guard("checklist_done")
def checklist_is_answered(f: Facts) -> Refusal | None:
    if f.checklist is None:
        return _no("checklist_done", "There is no checklist.", "filing")
    left = len(f.checklist.open)
    if not left:
        return None
    return _no(
        "checklist_done", f"{left} of {len(f.checklist.items)} questions have no answer yet.", "screening"
    )


@guard("every_item_met")
def every_item_is_met(f: Facts) -> Refusal | None:
    """All items yes, or not applicable with a justification."""
    if f.checklist is None:
        return None
    failed = f.checklist.failed
    if failed:
        return _no("every_item_met", f"Not met: {failed[0].question}", "screening")
    bare = [i for i in f.checklist.items if i.answer is ChecklistAnswer.NOT_APPLICABLE and not i.note.strip()]
    if bare:
        return _no("every_item_met", f"Say why this does not apply: {bare[0].question}", "screening")
    return None


@guard("failed_item")
def some_item_failed(f: Facts) -> Refusal | None:
    if f.checklist is None or f.checklist.failed:
        return None
    return _no("failed_item", "No item is marked as not met, so there is nothing to refuse for.", "screening")


@guard("locator_and_cure")
def failed_items_say_where_and_how(f: Facts) -> Refusal | None:
    if f.checklist is None:
        return None
    for item in f.checklist.failed:
        if not item.locator.strip() or not item.cure.strip():
            return _no("locator_and_cure", f"Say where, and what would cure it: {item.question}", "screening")
    return None


@guard("refusal_concurred")
def lead_concurs_with_the_refusal(f: Facts) -> Refusal | None:
    if f.checklist is not None and f.checklist.concurred_by:
        return None
    return _no("refusal_concurred", "The review lead has not concurred with the refusal.", "screening")


@guard("screening_lapsed")
def screening_deadline_passed(f: Facts) -> Refusal | None:
    if f.cycle is None or f.today > f.cycle.screening_due_on:
        return None
    return _no("screening_lapsed", "The screening deadline has not passed.")


@guard("refusal_silence")
def refusal_unanswered(f: Facts) -> Refusal | None:
    """60 days of silence after a refusal, warned 7 days before."""
    if f.checklist is None or f.checklist.refused_on is None or f.cycle is None:
        return _no("refusal_silence", "Nothing was refused.")
    silence = (f.today - f.checklist.refused_on).days
    if silence <= f.policy.acceptance.silence_days:
        return _no("refusal_silence", "The time to answer the refusal has not passed.")
    warned = f.cycle.warned_on("refusal")
    if warned is None:
        return _no("refusal_silence", "The lab has not been warned.")
    if (f.today - warned).days < f.policy.acceptance.warning_days_before:
        return _no("refusal_silence", "The warning is too recent.")
    return None


@guard("lead_assigned")
def lead_is_assigned(f: Facts) -> Refusal | None:
    if f.holder(Role.LEAD):
        return None
    return _no("lead_assigned", "No review lead is assigned. The docket manager assigns one.", "now")


# People on a case -------------------------------------------------------------------------------

MANAGER_ASSIGNS = frozenset({Role.INTAKE, Role.LEAD, Role.SIGNATORY, Role.COUNSEL, Role.RATIFIER})


@guard("G-SOD-1")
def one_role_on_a_case(f: Facts) -> Refusal | None:
    """The same person may not hold two conflicting roles on one case, over its whole history."""
    if not isinstance(f.given, Assign):
        return None
    others = sorted(r.label.lower() for r in f.roles_ever(f.given.person_id) if r is not f.given.role)
    if not others:
        return None
    return _no(
        "G-SOD-1",
        f"This person has been {others[0]} on this case and may not be {f.given.role.label.lower()} too.",
        citation="separation of duties",
    )


@guard("assignable")
def person_may_be_assigned(f: Facts) -> Refusal | None:
    """The person holds the role in the agency; a reviewer covers the disciplines given."""
    if not isinstance(f.given, Assign):
        return None
    if Role.LEAD in f.my_roles and f.given.role is not Role.REVIEWER:
        return _no("assignable", "The review lead assigns reviewers. The docket manager assigns the others.")
    if Role.LEAD not in f.my_roles and f.given.role not in MANAGER_ASSIGNS:
        return _no("assignable", "The review lead assigns reviewers.")
    if f.subject is None or not f.subject.active or f.subject.organization_id is not None:
        return _no("assignable", "There is no such person in the agency.")
    granted = [g for g in f.subject_grants if g.held and g.role is f.given.role]
    if not granted:
        return _no("assignable", f"{f.subject.name} does not hold the role {f.given.role.label.lower()}.")
    if f.given.role is not Role.REVIEWER:
        return None
    covered = {d for g in granted for d in g.disciplines}
    lacking = [d for d in f.given.disciplines if d not in covered]
    if not f.given.disciplines:
        return _no("assignable", "Name at least one discipline.")
    if lacking:
        return _no("assignable", f"{f.subject.name} does not review {lacking[0].label}.")
    return None


@guard("review_by_reviewers")
def finding_in_own_discipline(f: Facts) -> Refusal | None:
    if not isinstance(f.given, FindingGiven | ReviewConclusion | ReviewOf):
        return None
    if f.given.discipline in f.my_disciplines:
        return None
    return _no(
        "review_by_reviewers", f"{f.given.discipline.label} is not one of your disciplines here.", "review"
    )


# Findings and reviews ---------------------------------------------------------------------------


@guard("G-EVID")
def finding_cites_evidence(f: Facts) -> Refusal | None:
    """Each finding has at least one reference to an item version, with a locator, whose hash verifies."""
    if not isinstance(f.given, FindingGiven):
        return None
    if not f.given.citations:
        return _no("G-EVID", "Cite at least one evidence item.", "evidence", "findings rest on evidence")
    for citation in f.given.citations:
        item = f.evidence_by_id.get(citation.evidence_id)
        if item is None or citation.sha256 not in {file.sha256 for file in item.files}:
            return _no("G-EVID", f"{citation.number} has no such version in this case.", "evidence")
        if item.withdrawn is not None:
            return _no("G-EVID", f"{citation.number} was withdrawn: {item.withdrawn}", "evidence")
        if citation.sha256 in f.broken_files:
            return _no(
                "G-EVID", f"A file of {citation.number} no longer has the bytes that were filed.", "evidence"
            )
        if not citation.locator.strip():
            return _no("G-EVID", f"Say where in {citation.number} the reader finds it.", "evidence")
    return None


@guard("finding_complete")
def finding_has_its_parts(f: Facts) -> Refusal | None:
    """A statement and its uncertainty; a reading other than the author's where it is major or decisive."""
    if not isinstance(f.given, FindingGiven):
        return None
    if not f.given.statement.strip():
        return _no("finding_complete", "State the finding.", "review")
    if not f.given.uncertainty.strip():
        return _no("finding_complete", "Say how sure it is and what is not known.", "review")
    if f.given.severity is not Severity.MINOR and not f.given.alternative_reading.strip():
        return _no("finding_complete", "Give the alternative reading that you considered.", "review")
    return None


@guard("G-STALE")
def decisive_evidence_is_about_the_case(f: Facts) -> Refusal | None:
    """Evidence of a decisive finding concerns the deployed configuration, or carries a bridging argument."""
    if not isinstance(f.given, FindingGiven) or f.given.severity is not Severity.DECISIVE:
        return None
    for citation in f.given.citations:
        item = f.evidence_by_id.get(citation.evidence_id)
        if item is None:
            continue
        if item.match is not None and not item.match.is_subject:
            bridge = str(item.attributes.get("checkpoint_delta") or "").strip()
            if not bridge:
                return _no(
                    "G-STALE",
                    f"{citation.number} is not about the model under review and has no bridging argument.",
                    "evidence",
                )
    return None


def _my_review(f: Facts, discipline: Discipline | None) -> bool:
    return any(
        r.discipline is discipline and r.person_id == f.actor.id and r.superseded is None
        for r in f.live_reviews
    )


@guard("review_ready")
def review_is_ready_to_sign(f: Facts) -> Refusal | None:
    """A conclusion is stated, and a concern has at least one finding that cites evidence."""
    wanted = f.given.discipline if isinstance(f.given, ReviewOf) else None
    mine = [
        r
        for r in f.live_reviews
        if r.person_id == f.actor.id
        and (wanted is None or r.discipline is wanted)
        and (wanted is not None or not f.signed(r.signature_id))
    ]
    if not mine:
        return _no("review_ready", "You have no unsigned review here with a conclusion.", "review")
    for review in mine:
        if review.conclusion is None:
            return _no("review_ready", f"{review.discipline.label}: state the conclusion first.", "review")
        own = [finding for finding in f.live_findings if finding.review_id == review.id]
        if review.conclusion is not Conclusion.NO_CONCERN and not own:
            return _no(
                "review_ready", f"{review.discipline.label}: a concern needs at least one finding.", "review"
            )
        broken = [
            finding.number
            for finding in own
            if not finding.citations or any(c.sha256 in f.broken_files for c in finding.citations)
        ]
        if broken:
            return _no("review_ready", f"{broken[0]} rests on evidence that does not verify.", "review")
    return None


@guard("quorum")
def every_discipline_signed(f: Facts) -> Refusal | None:
    """QUORUM: all required disciplines signed, each signature valid at this moment."""
    if f.cycle is None:
        return _no("quorum", "The review has not begun.", "review")
    signed = {r.discipline for r in f.live_reviews if f.signed(r.signature_id)}
    owed = [d.label for d in f.cycle.disciplines if d not in signed]
    if not owed:
        return None
    if len(owed) == 1:
        return _no("quorum", f"{owed[0]} has not signed its review.", "review")
    return _no("quorum", f"{len(owed)} disciplines have not signed: {', '.join(owed)}.", "review")


@guard("findings_cite")
def grave_findings_cite_evidence(f: Facts) -> Refusal | None:
    for finding in f.live_findings:
        if finding.severity is not Severity.MINOR and not finding.citations:
            return _no("findings_cite", f"{finding.number} cites no evidence.", "review")
        for citation in finding.citations:
            item = f.evidence_by_id.get(citation.evidence_id)
            if citation.sha256 in f.broken_files or item is None or item.withdrawn is not None:
                return _no(
                    "findings_cite", f"{finding.number} rests on evidence that no longer stands.", "review"
                )
    return None


# Information requests ---------------------------------------------------------------------------


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
        return _no("four_elements", "No question is drafted.", "questions")
    if not items:
        return _no("four_elements", "Ask at least one thing.", "questions")
    for number, item in enumerate(items, 1):
        for part, words in (
            (item.provided, "what was provided"),
            (item.missing, "what is missing"),
            (item.basis, "why it matters to the decision"),
            (item.cure, "what would resolve it"),
        ):
            if not part.strip():
                return _no("four_elements", f"Item {number}: say {words}.", "questions", "least burdensome")
    return None


@guard("request_concurred")
def request_has_concurrence(f: Facts) -> Refusal | None:
    """A reviewer drafts and the lead concurs by issuing; what the lead drafted, the deciding official concurs with."""
    draft = f.draft_request
    if draft is None:
        return None
    if draft.drafted_by == f.actor.id and draft.concurred_by is None:
        return _no(
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
        return _no(
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
            return _no("not_asked_before", f"{asked[_plain(item.missing)]} already asked this.", "questions")
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
    return _no(
        "holds_left", f"{limit} holds are used. The deciding official must concur with a third.", "questions"
    )


@guard("no_request_open")
def no_draft_is_open(f: Facts) -> Refusal | None:
    """Drafting replaces one's own draft; another person's draft is not overwritten."""
    draft = f.draft_request
    if f.given is None or draft is None or draft.drafted_by == f.actor.id:
        return None
    return _no("no_request_open", f"{draft.number} is being drafted by another person.", "questions")


@guard("item_exists")
def item_is_part_of_the_request(f: Facts) -> Refusal | None:
    if not isinstance(f.given, ItemAnswer):
        return None
    request = f.open_request
    if request is None or f.given.item_id not in {item.id for item in request.items}:
        return _no("item_exists", "This question is not open.", "questions")
    if not (f.given.answer.strip() or f.given.cannot_because.strip()):
        return _no("item_exists", "Answer, or say why you cannot.", "questions")
    return None


@guard("every_item_answered")
def every_item_is_answered(f: Facts) -> Refusal | None:
    """Every item answered, or answered 'cannot, because'. A partial response keeps the hold."""
    request = f.open_request
    if request is None:
        return _no("every_item_answered", "No question is open.", "questions")
    left = [item for item in request.items if not item.answered]
    if not left:
        return None
    return _no(
        "every_item_answered", f"{len(left)} of {len(request.items)} items have no answer yet.", "questions"
    )


@guard("request_silence")
def request_unanswered(f: Facts) -> Refusal | None:
    """60 days of silence; the warnings of days 30 and 53 sent, the last at least 7 days ago."""
    request = f.open_request
    if request is None or request.issued_at is None:
        return _no("request_silence", "No question is open.")
    issued = request.issued_at.astimezone(f.policy.agency.zone).date()
    rules = f.policy.information_requests
    if (f.today - issued).days <= rules.answer_days:
        return _no("request_silence", "The time to answer has not passed.")
    sent = dict(warning.split("@") for warning in request.warnings)
    if any(str(day) not in sent for day in rules.warning_days):
        return _no("request_silence", "The lab has not been warned twice.")
    last = max(sent.values())
    if (f.today - f.today.fromisoformat(last)).days < rules.last_warning_lead_days:
        return _no("request_silence", "The last warning is too recent.")
    return None


# Recommendation, notice, decision ---------------------------------------------------------------


@guard("memo_ready")
def memo_is_written(f: Facts) -> Refusal | None:
    if f.memo is None:
        return _no("memo_ready", "Write the cross-discipline memo first.", "decision")
    if not f.memo.summary.strip():
        return _no("memo_ready", "The memo has no summary.", "decision")
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
    return _no("benefit_risk", "Complete the five rows of the benefit-risk grid.", "decision")


@guard("clean_approval")
def recommendation_is_clean(f: Facts) -> Refusal | None:
    if f.recommended is Outcome.APPROVE:
        return None
    return _no("clean_approval", "Only an approval without conditions goes on without a notice.", "decision")


@guard("returned_once")
def may_be_returned(f: Facts) -> Refusal | None:
    if f.cycle is None or f.cycle.returned < f.policy.review.returns_to_review:
        return None
    return _no("returned_once", "A recommendation may be returned once only. It has been.", "decision")


@guard("adverse_recommendation")
def recommendation_is_adverse(f: Facts) -> Refusal | None:
    if f.draft_notice is not None and f.draft_notice.proposal.outcome is Outcome.APPROVE:
        return _no("adverse_recommendation", "A notice announces a restriction or a denial.", "decision")
    return None


def _notice(f: Facts) -> Proposal | None:
    return f.draft_notice.proposal if f.draft_notice else None


def _decision(f: Facts) -> Proposal | None:
    return f.decision.proposal if f.decision else None


def _reasons(f: Facts, proposal: Proposal | None, what: str, answered: bool) -> Refusal | None:
    if proposal is None:
        return _no("G-REASONS", f"Write the {what} first.", "decision")
    problems = reason_rules.problems(proposal.reasons, answered)
    if problems:
        return _no("G-REASONS", problems[0].sentence, "decision", "statement of reasons")
    text = " ".join(proposal.reasons.values())
    silent = [x.number for x in f.decisive if x.number not in text]
    if silent:
        return _no("G-REASONS", f"The reasons do not address the decisive finding {silent[0]}.", "decision")
    return None


@guard("G-REASONS")
def notice_states_reasons(f: Facts) -> Refusal | None:
    return _reasons(f, _notice(f), "notice", False)


@guard("G-REASONS-DEC")
def decision_states_reasons(f: Facts) -> Refusal | None:
    """The statement of reasons has 7 parts and covers every decisive finding."""
    last = f.last_notice
    return _reasons(f, _decision(f), "decision", last is not None and last.response == "RESPONSE")


def _alternatives(f: Facts, proposal: Proposal | None) -> Refusal | None:
    if proposal is None or proposal.outcome is Outcome.APPROVE:
        return None
    least = f.policy.review.less_restrictive_options
    full = [a for a in proposal.alternatives if a.description.strip() and a.why_insufficient.strip()]
    if len(full) < least:
        return _no(
            "G-LRA",
            f"Consider at least {least} less restrictive options, each with why it fails.",
            "decision",
        )
    last = f.last_notice
    offered = last is not None and last.offered_conditions.strip()
    if offered and not any(a.offered_by_lab for a in full) and not proposal.conditions:
        return _no("G-LRA", "The lab offered conditions. Say why they are not enough.", "decision")
    return None


@guard("G-LRA")
def notice_considers_alternatives(f: Facts) -> Refusal | None:
    return _alternatives(f, _notice(f))


@guard("G-LRA-DEC")
def decision_considers_alternatives(f: Facts) -> Refusal | None:
    return _alternatives(f, _decision(f))


def _comparables(proposal: Proposal | None) -> Refusal | None:
    if proposal is None:
        return None
    if (
        any(c.name.strip() and c.comparison.strip() for c in proposal.comparables)
        or proposal.comparables_note.strip()
    ):
        return None
    return _no("consistency", "Name the comparable cases considered, or say that there is none.", "decision")


@guard("consistency")
def notice_compares(f: Facts) -> Refusal | None:
    return _comparables(_notice(f))


@guard("consistency_dec")
def decision_compares(f: Facts) -> Refusal | None:
    return _comparables(_decision(f))


def _conditions(f: Facts, proposal: Proposal | None) -> Refusal | None:
    if proposal is None or proposal.outcome is not Outcome.RESTRICT:
        return None
    if not proposal.conditions:
        return _no("G-COND", "A restriction needs at least one condition.", "decision")
    numbers = {x.number for x in f.live_findings}
    for record in proposal.conditions:
        refusal = _condition(record, numbers)
        if refusal:
            return refusal
    clash = condition_rules.contradictions([r.condition for r in proposal.conditions])
    if clash:
        return _no("G-COND", clash[0].sentence, "decision")
    sunset = condition_rules.sunset_problems(
        [r.condition for r in proposal.conditions], f.today, f.policy, precautionary=False
    )
    return _no("G-COND", sunset[0].sentence, "decision") if sunset else None


def _condition(record: ConditionRecord, numbers: set[str]) -> Refusal | None:
    wrong = condition_rules.validate(record.condition.type, record.condition.params)
    if wrong:
        return _no("G-COND", f"{record.id}: {wrong[0].sentence}", f"decision/{record.id}")
    if not set(record.findings) & numbers:
        return _no("G-COND", f"{record.id} names no finding that it answers.", f"decision/{record.id}")
    if not record.verification.strip():
        return _no("G-COND", f"{record.id}: say how compliance is verified.", f"decision/{record.id}")
    if not record.feasibility:
        return _no("G-COND", f"{record.id}: state feasibility for each channel.", f"decision/{record.id}")
    if any(row.result == "INFEASIBLE" for row in record.feasibility):
        return _no("G-COND", f"{record.id} is not feasible on one channel.", f"decision/{record.id}")
    if not record.restoration.strip() and not condition_rules.is_sunset(record.condition):
        return _no(
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
    return _conditions(f, _decision(f))


def _transition(proposal: Proposal | None) -> Refusal | None:
    if proposal is None or proposal.outcome is Outcome.APPROVE or proposal.transition.strip():
        return None
    return _no("transition", "State the transition for present users, or that there are none.", "decision")


@guard("transition")
def notice_has_transition(f: Facts) -> Refusal | None:
    return _transition(_notice(f))


@guard("transition_dec")
def decision_has_transition(f: Facts) -> Refusal | None:
    return _transition(_decision(f))


def _counsel(f: Facts, record: NoticeOfIntendedDecision | Decision | None, what: str) -> Refusal | None:
    if record is None:
        return None
    if f.signed(record.counsel_signature_id):
        return None
    if record.counsel_signature_id is not None:
        return _no(
            "counsel", f"The {what} changed after counsel concurred. Counsel must look again.", "decision"
        )
    return _no("counsel", f"Counsel has not concurred with the {what}.", "decision")


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
        return _no("counsel_target", "There is no draft to concur with yet.", "decision")
    if isinstance(f.given, Target) and f.given.target not in drafted:
        return _no("counsel_target", "That text is not open for concurrence.", "decision")
    return None


@guard("response_open")
def window_is_open(f: Facts) -> Refusal | None:
    if not isinstance(f.given, NoticeAnswer):
        return None
    if f.given.waived or any(point.strip() for point in f.given.points):
        return None
    return _no("response_open", "Give at least one point, or waive the response.", "decision")


@guard("window_lapsed")
def window_has_lapsed(f: Facts) -> Refusal | None:
    notice = f.last_notice
    if notice is None or notice.respond_by is None or f.today > notice.respond_by:
        return None
    return _no("window_lapsed", "The lab may still respond.")


@guard("outcome_matches")
def decision_is_drafted(f: Facts) -> Refusal | None:
    if f.decision is None or f.decision.decided_at is not None:
        return _no("outcome_matches", "Write the decision first.", "decision")
    return None


def _outcome(f: Facts, wanted: Outcome) -> Refusal | None:
    proposal = _decision(f)
    if proposal is None or proposal.outcome is wanted:
        return None
    return _no("outcome", f"The draft decision says {proposal.outcome.label.lower()}.", "decision")


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
    proposal = _decision(f)
    if proposal is None or proposal.outcome is Outcome.APPROVE:
        return None
    last = f.last_notice
    if last is None:
        return _no("G-NOTICE", "No notice of this decision was given. Issue a notice first.", "decision")
    harsher = condition_rules.harsher_than(
        proposal.outcome,
        [r.condition for r in proposal.conditions],
        last.proposal.outcome,
        [r.condition for r in last.proposal.conditions],
        offered=offered_types(last.offered_conditions),
    )
    if harsher is None:
        return _no(
            "G-NOTICE",
            "The decision burdens the lab in a way that the notice did not. Issue a new notice.",
            "decision",
        )
    if harsher:
        return _no("G-NOTICE", "The decision is harsher than the notice. Issue a new notice.", "decision")
    if last.issued_at is not None and any(i.attached_at > last.issued_at for i in _cited(f, proposal)):
        return _no(
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
        return _no("new_notice_needed", "Write the new notice first.", "decision")
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
            return _no("points_answered", f"Point {number} of the lab's response has no answer.", "decision")
    return None


@guard("signatures_valid")
def signatures_hold_now(f: Facts) -> Refusal | None:
    """All required signatures are valid at this moment (hash check)."""
    refusal = every_discipline_signed(f)
    if refusal:
        return _no("signatures_valid", refusal.sentence, "review")
    if f.memo is None or not f.signed(f.memo.signature_id):
        return _no("signatures_valid", "The memo's signature is not valid.", "decision")
    return grave_findings_cite_evidence(f)


@guard("fresh_declaration")
def declaration_is_fresh(f: Facts) -> Refusal | None:
    """The deciding official's conflict declaration is at most 30 days old."""
    own = f.my_attestation
    days = f.policy.conflicts.attestation_days_at_decision
    if own is not None and (f.now - own.at).days <= days:
        return None
    return _no(
        "fresh_declaration", f"Your conflict declaration is older than {days} days. Declare again.", "declare"
    )


@guard("decisive_grade")
def decisive_findings_rest_on_graded_evidence(f: Facts) -> Refusal | None:
    """An adverse decision cites evidence graded E1 or E2 for each decisive finding, or is precautionary."""
    proposal = _decision(f)
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
        return _no(
            "decisive_grade",
            f"{finding.number} rests on no evidence graded E1 or E2. Add a sunset within {days} days.",
            "decision",
        )
    return None


@guard("G-DENY")
def denial_is_earned(f: Facts) -> Refusal | None:
    """A denial rests on a concern that cannot be mitigated, or on evidence that was asked for and not given."""
    proposal = _decision(f)
    if proposal is None or proposal.outcome is not Outcome.DENY:
        return None
    conclusions = {r.conclusion for r in f.live_reviews}
    asked = any(r.answered_at is not None for r in f.requests)
    if Conclusion.CONCERN_NOT_MITIGABLE not in conclusions and not (
        Conclusion.INSUFFICIENT_EVIDENCE in conclusions and asked
    ):
        return _no("G-DENY", "No discipline finds a concern that conditions cannot meet.", "decision")
    if not proposal.path_to_approval.strip():
        return _no("G-DENY", "Describe the path to approval.", "decision", "21 CFR 314.110")
    return None


@guard("open_weights_panel")
def open_weights_need_the_panel(f: Facts) -> Refusal | None:
    """An open-weight release cannot be taken back: the panel's advice is on record, signed."""
    if f.case is None or not f.case.open_weights:
        return None
    if f.panel is not None and f.signed(f.panel.signature_id):
        return None
    return _no("open_weights_panel", "An open-weight release needs the panel's advice on record.", "decision")


@guard("open_weights_ratified")
def open_weights_are_ratified(f: Facts) -> Refusal | None:
    if f.case is None or not f.case.open_weights or f.decision is None:
        return None
    if f.signed(f.decision.ratifier_signature_id):
        return None
    return _no("open_weights_ratified", "An open-weight release needs a ratifier's signature.", "decision")


@guard("is_open_weights")
def release_is_open_weights(f: Facts) -> Refusal | None:
    if f.case is not None and f.case.open_weights:
        return None
    return _no("is_open_weights", "This concerns open-weight releases only.")


# The house --------------------------------------------------------------------------------------


@guard("other_administrator")
def another_administrator_grants(f: Facts) -> Refusal | None:
    """A grant of a role needs the other administrator, and nobody grants to oneself."""
    if f.grant is None:
        return None
    if f.grant.granted_by is not None or f.grant.ended_by is not None:
        return _no("other_administrator", "This role was dealt with already.")
    if f.actor.id in {f.grant.requested_by, f.grant.person_id}:
        return _no(
            "other_administrator", "Another administrator must confirm this.", citation="two-person rule"
        )
    return None


@guard("role_for_agency")
def role_fits_the_person(f: Facts) -> Refusal | None:
    if not isinstance(f.given, RoleRequest):
        return None
    if f.subject is None or not f.subject.active:
        return _no("role_for_agency", "There is no such person.")
    if f.subject.organization_id is not None or f.given.role in LAB_ROLES or f.given.role is Role.SYS:
        return _no("role_for_agency", "Roles of the agency are for people of the agency.")
    if f.given.person_id == f.actor.id:
        return _no("role_for_agency", "Nobody asks for a role of one's own.", citation="two-person rule")
    held = {g.role for g in f.subject_grants if g.held}
    if Role.SYS_ADMIN in held and f.given.role is not Role.SYS_ADMIN:
        return _no("role_for_agency", "A system administrator takes no part in cases.")
    if f.given.role is Role.SYS_ADMIN and held - {Role.SYS_ADMIN}:
        return _no("role_for_agency", "A system administrator takes no part in cases.")
    return None


@guard("invitable")
def invitation_is_whole(f: Facts) -> Refusal | None:
    if not isinstance(f.given, Invitation):
        return None
    if not f.given.user_id.strip() or "@" not in f.given.user_id:
        return _no("invitable", "Give the person's mail address.")
    if not f.given.name.strip():
        return _no("invitable", "Give the person's name.")
    if (f.given.organization_id is None) != (f.given.lab_role is None):
        return _no("invitable", "A person of a lab has a lab and a role in it.")
    return None


def reason_text(f: Facts) -> str:
    """The reason given with an act, if it was given one."""
    return f.given.reason if isinstance(f.given, Reason | Protest) else ""
