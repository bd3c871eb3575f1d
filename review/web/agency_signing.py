"""Which act a case's text is meant for, and what still blocks it."""

from typing import Any

import msgspec

from review.rules import guards
from review.rules.entities import ConflictAttestation
from review.rules.facts import Facts
from review.rules.refusals import Refusal
from review.rules.vocabulary import Act, Outcome, Role, State
from review.rules.workflow import ROW, refusals
from review.web.places import address, place_words

DECIDE = {Outcome.APPROVE: Act.APPROVE, Outcome.RESTRICT: Act.RESTRICT, Outcome.DENY: Act.DENY}
MET_WORDS: dict[str, str] = {
    "adverse_recommendation": "The notice announces a restriction or a denial",
    "G-REASONS": "Reasons have seven parts and cover every decisive finding",
    "G-REASONS-DEC": "Reasons have seven parts and cover every decisive finding",
    "G-LRA": "Less restrictive options are weighed",
    "G-LRA-DEC": "Less restrictive options are weighed",
    "consistency": "Comparable cases are considered",
    "consistency_dec": "Comparable cases are considered",
    "feasibility": "Every condition answers a finding, is feasible and has a way back",
    "G-COND": "Every condition answers a finding, is feasible and has a way back",
    "transition": "The transition is stated",
    "transition_dec": "The transition is stated",
    "counsel": "Counsel has concurred with this version",
    "counsel_dec": "Counsel has concurred with this version",
    "outcome_matches": "The decision is drafted",
    "signatures_valid": "All reviews and the memo are signed and valid now",
    "fresh_declaration": "The deciding official's conflict declaration is fresh",
    "points_answered": "Each point of the lab's response is answered",
    "files_intact": "Every evidence file has the bytes that were filed",
    "open_weights_panel": "The panel's advice is on record, where one is needed",
    "open_weights_ratified": "A ratifier has signed, where one is needed",
    "G-NOTICE": "Notice was given, and this is not harsher",
    "decisive_grade": "Each decisive finding rests on evidence graded E1 or E2",
    "G-DENY": "A denial is earned, with a path to approval",
    "new_notice_needed": "A new notice is drafted",
}


def signing_act(f: Facts) -> Act | None:
    """The signature that comes next for the deciding official: on the notice or on the decision."""
    if f.state is State.RECOMMENDATION and f.recommended is not Outcome.APPROVE:
        return Act.ISSUE_NOTICE
    if f.state is State.RECOMMENDATION and f.draft_notice is not None:
        return Act.ISSUE_NOTICE
    if f.state is not State.DECISION_PENDING:
        return None
    if f.draft_notice is not None:
        return Act.ISSUE_NEW_NOTICE
    return DECIDE[f.decision.proposal.outcome] if f.decision is not None else None


def as_official(f: Facts) -> Facts:
    """The facts as the deciding official sees them, so that the lead reads the same list of what blocks."""
    holder = f.holder(Role.SIGNATORY)
    if holder is None or holder.person_id == f.actor.id:
        return f
    roles = f.actor.roles | {Role.SIGNATORY}
    actor = msgspec.structs.replace(f.actor, id=holder.person_id, name=holder.person_name, roles=roles)
    return msgspec.structs.replace(f, actor=actor)


def blocking(f: Facts, act: Act) -> tuple[Refusal, ...]:
    """Every reason why the official could not sign now, in words for whoever reads it."""
    judged = as_official(f)
    found = refusals(ROW[act], judged)
    if judged is f:
        return found
    if any(one.place == "declare" for one in found):
        found = tuple(dict.fromkeys((*found[:1], *refusals(ROW[act], _as_if_declared(judged)))))
    return tuple(_of_somebody_else(one, judged.actor.name) for one in found)


def _as_if_declared(f: Facts) -> Facts:
    """The facts once the official has declared: what else stands in the way would else come as a surprise."""
    assert f.case is not None
    declared = ConflictAttestation(
        id="supposed",
        case_id=f.case.id,
        person_id=f.actor.id,
        person_name=f.actor.name,
        interest=False,
        statement="",
        named=(),
        at=f.now,
    )
    return msgspec.structs.replace(f, attestations=(*f.attestations, declared))


def _of_somebody_else(one: Refusal, official: str) -> Refusal:
    """What only the official can cure, said about the official and without a link."""
    if one.place != "declare":
        return one
    sentence = f"{official} has not declared conflicts of interest in time. Only {official} can."
    return msgspec.structs.replace(one, sentence=sentence, place="")


def met(f: Facts, act: Act) -> list[str]:
    """The checks of this act that are met, in words."""
    judged = as_official(f)
    names = [name for name in ROW[act].guards if name in MET_WORDS]
    return list(dict.fromkeys(MET_WORDS[name] for name in names if guards.GUARDS[name](judged) is None))


PARTS_OF_DRAFT: dict[str, str] = {
    "G-REASONS": "reasons",
    "G-LRA": "options",
    "consistency": "comparables",
    "transition": "transition",
    "points_answered": "points",
    "outcome": "outcome",
}
"""Where in the draft each reason is cured."""


def block_items(case: str, found: tuple[Refusal, ...], what: str = "") -> list[dict[str, Any]]:
    """Refusals as a list of what to clear, each with its link; `what` is the draft that is open."""
    return [{"title": one.sentence, "text": None, "link": _cure(case, one, what)} for one in found]


def _cure(case: str, one: Refusal, what: str) -> dict[str, str] | None:
    if one.code == "counsel" and one.place == "decision":
        return {"label": "Open the concurrence", "href": address(case, "decision/concurrence")}
    if one.code == "open_weights_panel":
        return {"label": "Record the advice", "href": address(case, "decision/panel")}
    if one.code == "open_weights_ratified":
        return None
    if what and one.place == "decision":
        part = PARTS_OF_DRAFT.get(one.code, "proposal")
        return {"label": "Open the draft", "href": f"{address(case, f'decision/{what}')}#{part}"}
    if not one.place:
        return None
    return {"label": place_words(one.place), "href": address(case, one.place)}
