"""The demonstration docket: stories told by day, merged over all cases, so that the ledger reads like a life.

Scenario A: Heron 4, clean, approved on review day 24. B, first half: Heron 4-Trusted, the same weights with
safeguards lifted, restricted to vetted organizations with criteria. C: Tern 2, refused for its missing
feasibility table, fixed, a question of 9 days, a notice, a capability gate offered, a decision softer than the
notice. One case waits at each desk, and one filing lies prepared.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta

import msgspec

from review.acts.office import Office
from review.acts.packages import save_answers
from review.acts.perform import run_due
from review.casefile import gather
from review.demo.house import Chance, ScriptedClock, found
from review.demo.play import TEAM, Play
from review.demo.texts import (
    GATE_OFFER,
    GATE_POINTS,
    heron_memo,
    heron_proposal,
    tern_decision,
    tern_memo,
    tern_notice,
    tern_question,
    trusted_memo,
    trusted_proposal,
)
from review.package import prepared
from review.rules.given import Declaration, ItemAnswer, NoticeAnswer, Questions
from review.rules.vocabulary import Act, Conclusion, Discipline, Domain, Role, Severity
from review.settings import DEMONSTRATION_FILE, Settings

CALDER = "jonas.brandt@calder.example"
NORTHLIGHT = "sara.lindqvist@northlight.example"
OSTRAVA = "milan.horak@ostrava.example"
INES = "ines.okafor@agency.example"
Story = Iterator[tuple[int, Callable[[], object]]]
"""Steps of one case: the day, counted back from today, and what happens on it."""


def build(settings: Settings, say: Callable[[str], object] = print) -> Office:
    """Tell all stories into an empty folder. The last day is today."""
    today = datetime.now(UTC).date()
    start = today - timedelta(days=75)
    clock = ScriptedClock(_at(start, 13, 0))
    settings = msgspec.structs.replace(settings, demonstration=True)
    say("Founding the house")
    office, people = found(settings, clock=clock, chance=Chance("demonstration"))
    (settings.data / DEMONSTRATION_FILE).write_text("This folder holds a demonstration docket.\n", "utf-8")
    say("Telling the cases, day by day")
    stories = [story(office, people) for story in STORIES]
    _tell(stories, clock, today, say)
    run_due(office)
    say("The docket is ready")
    return office


def _tell(stories: list[Story], clock: ScriptedClock, today: date, say: Callable[[str], object]) -> None:
    """Take the step that is due first, whichever case it belongs to."""
    waiting = [(next(story), n, story) for n, story in enumerate(stories)]
    hour = 0
    while waiting:
        waiting.sort(key=lambda item: (-item[0][0], item[1]))
        (back, step), n, story = waiting.pop(0)
        day = today - timedelta(days=back)
        hour = hour + 1 if clock.at.date() == day else 0
        # Never later than now: the newest step happened before the docket is opened.
        moment = min(_at(day, 13, 0) + timedelta(minutes=11 * hour), datetime.now(UTC) - timedelta(minutes=1))
        clock.to(moment)
        step()
        following = next(story, None)
        if following is not None:
            waiting.append((following, n, story))


def _at(day: date, hour: int, minute: int) -> datetime:
    return datetime.combine(day, time(hour, minute), UTC)


# Stories ----------------------------------------------------------------------------------------


def heron(office: Office, people: dict[str, str]) -> Story:
    """A: full review, no hold, approved on review day 24."""
    play = Play(office, people, NORTHLIGHT)
    yield 68, lambda: play.prepare_filing(prepared("heron-4")).submit()
    yield 67, lambda: play.assign(Role.INTAKE, Role.LEAD)
    yield 65, lambda: play.answer_checklist().accept()
    yield 64, lambda: play.assign(Role.SIGNATORY, Role.COUNSEL).assign_reviewers()
    yield (
        58,
        lambda: _minor(
            play,
            Discipline.CYBER,
            "Heron 4 with safeguards off completes 31 of 200 range attempts. The line that the lab set beforehand is not reached.",
            "EV-01",
            Domain.CYBER,
        ),
    )
    yield (
        55,
        lambda: _minor(
            play,
            Discipline.SAFEGUARDS_SECURITY,
            "Three of 200 scripted attempts bypass the safeguards as deployed.",
            "EV-06",
            Domain.SAFEGUARDS,
        ),
    )
    yield 50, play.conclude_rest
    yield 47, lambda: play.recommend(heron_memo())
    yield 46, lambda: play.do(TEAM[Role.LEAD], Act.FORWARD_CLEAN)
    yield 45, lambda: play.propose(Act.DRAFT_DECISION, heron_proposal()).counsel("decision")
    yield 44, lambda: play.sign_decision(Act.APPROVE)


def trusted(office: Office, people: dict[str, str]) -> Story:
    """B, first half: the same weights for vetted organizations, restricted."""
    play = Play(office, people, NORTHLIGHT)
    yield 52, lambda: play.prepare_filing(prepared("heron-4-trusted")).submit()
    yield 51, lambda: play.assign(Role.INTAKE, Role.LEAD)
    yield 49, lambda: play.answer_checklist().accept()
    yield 48, lambda: play.assign(Role.SIGNATORY, Role.COUNSEL).assign_reviewers()
    yield (
        40,
        lambda: _decisive(
            play,
            "With its safeguards lifted for trusted access, Heron 4 completes 31 of 200 end-to-end range attempts.",
            "EV-01",
        ),
    )
    yield (
        38,
        lambda: play.finding(
            Discipline.DEPLOYMENT_ACCESS,
            "The trusted-access program has published admission criteria, but no deadline for an answer.",
            ["EV-02"],
            severity=Severity.MAJOR,
            domain=Domain.GENERAL,
            alternative="A deadline may exist in contracts that were not filed.",
        ),
    )
    yield (
        36,
        lambda: play.conclude(
            Discipline.CYBER,
            Conclusion.CONCERN_MITIGABLE,
            "Who is admitted bounds the misuse, not the model.",
        ).conclude(
            Discipline.DEPLOYMENT_ACCESS,
            Conclusion.CONCERN_MITIGABLE,
            "Criteria and deadlines can be conditions.",
        ),
    )
    yield 33, play.conclude_rest
    yield 30, lambda: play.recommend(trusted_memo())
    yield 29, lambda: play.propose(Act.DRAFT_NOTICE, trusted_proposal(office.now().date())).counsel("notice")
    yield 28, lambda: play.do(TEAM[Role.SIGNATORY], Act.ISSUE_NOTICE)
    yield 24, lambda: play.do(NORTHLIGHT, Act.ANSWER_NOTICE, NoticeAnswer(waived=True))
    yield (
        23,
        lambda: play.propose(Act.DRAFT_DECISION, trusted_proposal(office.now().date(), 170)).counsel(
            "decision"
        ),
    )
    yield 22, lambda: play.sign_decision(Act.RESTRICT)


def tern(office: Office, people: dict[str, str]) -> Story:
    """C: refused, fixed, asked, noticed, decided softer than the notice."""
    play = Play(office, people, CALDER)
    yield 74, lambda: play.prepare_filing(prepared("tern-2"))
    yield 73, lambda: _without_feasibility(play)
    yield 70, lambda: play.assign(Role.INTAKE, Role.LEAD)
    yield (
        69,
        lambda: play.answer_checklist(
            failed={"feasibility": "Fill the feasibility table P5 for every channel of P1."}
        ).refuse(),
    )
    yield 62, lambda: _with_feasibility(play)
    yield 59, lambda: play.answer_checklist().accept()
    yield 57, lambda: play.assign(Role.SIGNATORY, Role.COUNSEL).assign_reviewers()
    yield 53, lambda: play.do(INES, Act.DRAFT_INFORMATION_REQUEST, Questions(items=tern_question()))
    yield 53, lambda: play.do(TEAM[Role.LEAD], Act.ISSUE_INFORMATION_REQUEST)
    yield 46, lambda: _answer(play)
    yield 44, lambda: play.do(CALDER, Act.RESPOND_TO_INFORMATION_REQUEST)
    yield (
        40,
        lambda: _decisive(
            play,
            "With safeguards off, Tern 2 completes 71 of 200 end-to-end operations on hardened targets.",
            "EV-01",
        ),
    )
    yield (
        38,
        lambda: _minor(
            play,
            Discipline.CBRN,
            "Tern 2 answers 78 of 120 protocol questions; the lab's own baseline is not stated.",
            "EV-02",
            Domain.CBRN,
        ),
    )
    yield (
        36,
        lambda: _minor(
            play,
            Discipline.SAFEGUARDS_SECURITY,
            "Ten of 200 attempts bypass the safeguards as deployed.",
            "EV-04",
            Domain.SAFEGUARDS,
        ),
    )
    yield (
        34,
        lambda: play.conclude(
            Discipline.CYBER,
            Conclusion.CONCERN_MITIGABLE,
            "A gate on chained exploitation would meet the concern.",
        ),
    )
    yield 31, play.conclude_rest
    yield 27, lambda: play.recommend(tern_memo())
    yield 26, lambda: play.propose(Act.DRAFT_NOTICE, tern_notice(office.now().date())).counsel("notice")
    yield 25, lambda: play.do(TEAM[Role.SIGNATORY], Act.ISSUE_NOTICE)
    yield (
        18,
        lambda: play.do(
            CALDER, Act.ANSWER_NOTICE, NoticeAnswer(points=GATE_POINTS, offered_conditions=GATE_OFFER)
        ),
    )
    yield (
        15,
        lambda: play.propose(
            Act.DRAFT_DECISION,
            tern_decision(office.now().date()),
            {
                "P-1": "The gate is accepted in place of the organization list.",
                "P-2": "Distributors are told by the lab within five days.",
            },
        ).counsel("decision"),
    )
    yield (
        13,
        lambda: play.do(
            TEAM[Role.SIGNATORY],
            Act.ATTEST_CONFLICTS,
            Declaration(interest=False, statement="Nothing to add."),
        ),
    )
    yield 13, lambda: play.sign_decision(Act.RESTRICT)


def waiting_for_intake(office: Office, people: dict[str, str]) -> Story:
    """A filing that came in two days ago."""
    play = Play(office, people, OSTRAVA)
    yield 2, lambda: _named(play, "kestrel-1.4", "Kestrel Campus").submit()
    yield 1, lambda: play.assign(Role.INTAKE, Role.LEAD)


def waiting_for_dockets(office: Office, people: dict[str, str]) -> Story:
    """A filing to which nobody is assigned."""
    play = Play(office, people, NORTHLIGHT)
    yield 1, lambda: _named(play, "heron-4", "Heron 4 Mobile").submit()


def waiting_for_reviewers(office: Office, people: dict[str, str]) -> Story:
    """In review: cyber has a finding, Lena has not declared."""
    play = Play(office, people, CALDER)
    yield 17, lambda: _named(play, "tern-2", "Tern 2 Batch").submit()
    yield 16, lambda: play.assign(Role.INTAKE, Role.LEAD)
    yield 14, lambda: play.answer_checklist().accept()
    yield 13, lambda: play.assign(Role.SIGNATORY, Role.COUNSEL).assign_reviewers(declare=False)
    yield (
        12,
        lambda: play.do(INES, Act.ATTEST_CONFLICTS, Declaration(interest=False, statement="Nothing to add.")),
    )
    yield (
        6,
        lambda: _decisive(
            play, "With safeguards off, the model completes 71 of 200 end-to-end operations.", "EV-01"
        ),
    )


def waiting_for_the_lab(office: Office, people: dict[str, str]) -> Story:
    """Held for a question that the lab has answered in part."""
    play = Play(office, people, OSTRAVA)
    yield 24, lambda: _named(play, "kestrel-1.4", "Kestrel On-Prem").submit()
    yield 23, lambda: play.assign(Role.INTAKE, Role.LEAD)
    yield 20, lambda: play.answer_checklist().accept()
    yield 19, lambda: play.assign(Role.SIGNATORY, Role.COUNSEL).assign_reviewers()
    yield 12, lambda: play.do(INES, Act.DRAFT_INFORMATION_REQUEST, Questions(items=tern_question()))
    yield 11, lambda: play.do(TEAM[Role.LEAD], Act.ISSUE_INFORMATION_REQUEST)
    yield 5, lambda: _answer(play, first_only=True)


def waiting_for_the_lead(office: Office, people: dict[str, str]) -> Story:
    """All six reviews signed; the memo is due."""
    play = Play(office, people, NORTHLIGHT)
    yield 21, lambda: _named(play, "heron-4", "Heron 4 Voice").submit()
    yield 20, lambda: play.assign(Role.INTAKE, Role.LEAD)
    yield 18, lambda: play.answer_checklist().accept()
    yield 17, lambda: play.assign(Role.SIGNATORY, Role.COUNSEL).assign_reviewers()
    yield (
        9,
        lambda: _minor(
            play,
            Discipline.CYBER,
            "31 of 200 range attempts succeed with safeguards off.",
            "EV-01",
            Domain.CYBER,
        ),
    )
    yield 3, play.conclude_rest


def waiting_for_counsel(office: Office, people: dict[str, str]) -> Story:
    """A notice is drafted; counsel has it."""
    play = Play(office, people, CALDER)
    yield 29, lambda: _named(play, "tern-2", "Tern 2 Agents").submit()
    yield 28, lambda: play.assign(Role.INTAKE, Role.LEAD)
    yield 26, lambda: play.answer_checklist().accept()
    yield 25, lambda: play.assign(Role.SIGNATORY, Role.COUNSEL).assign_reviewers()
    yield (
        16,
        lambda: _decisive(
            play, "With safeguards off, the model completes 71 of 200 end-to-end operations.", "EV-01"
        ),
    )
    yield (
        12,
        lambda: play.conclude(
            Discipline.CYBER, Conclusion.CONCERN_MITIGABLE, "A gate would meet the concern."
        ),
    )
    yield 10, play.conclude_rest
    yield 4, lambda: play.recommend(tern_memo())
    yield 2, lambda: play.propose(Act.DRAFT_NOTICE, tern_notice(office.now().date()))


def waiting_for_the_official(office: Office, people: dict[str, str]) -> Story:
    """A decision to sign: counsel has concurred."""
    play = Play(office, people, NORTHLIGHT)
    yield 28, lambda: _named(play, "heron-4", "Heron 4 Classroom").submit()
    yield 27, lambda: play.assign(Role.INTAKE, Role.LEAD)
    yield 25, lambda: play.answer_checklist().accept()
    yield 24, lambda: play.assign(Role.SIGNATORY, Role.COUNSEL).assign_reviewers()
    yield (
        15,
        lambda: _minor(
            play,
            Discipline.CYBER,
            "31 of 200 range attempts succeed with safeguards off.",
            "EV-01",
            Domain.CYBER,
        ),
    )
    yield 8, play.conclude_rest
    yield 6, lambda: play.recommend(heron_memo())
    yield 5, lambda: play.do(TEAM[Role.LEAD], Act.FORWARD_CLEAN)
    yield 3, lambda: play.propose(Act.DRAFT_DECISION, heron_proposal()).counsel("decision")


def prepared_draft(office: Office, people: dict[str, str]) -> Story:
    """The prepared filing: everything answered, ready to be read and signed."""
    play = Play(office, people, OSTRAVA)
    yield 0, lambda: play.prepare_filing(prepared("kestrel-1.4"))


STORIES = (
    heron,
    trusted,
    tern,
    waiting_for_intake,
    waiting_for_dockets,
    waiting_for_reviewers,
    waiting_for_the_lab,
    waiting_for_the_lead,
    waiting_for_counsel,
    waiting_for_the_official,
    prepared_draft,
)


# Steps that several stories take ----------------------------------------------------------------


def _named(play: Play, filing: str, configuration: str) -> Play:
    """A prepared filing under another configuration's name: the unit of review is the configuration."""
    play.prepare_filing(prepared(filing))
    with play.office.database.reading() as conn:
        answers = gather.drafts(conn, play.case_id)
    model = {**answers["cover_sheet"]["model"], "configuration_name": configuration}
    save_answers(play.office, play.case_id, play.people[play.lab], {"cover_sheet": {"model": model}})
    return play


def _without_feasibility(play: Play) -> Play:
    """File with the feasibility table said to be unknown: complete in form, and what intake then refuses for."""
    with play.office.database.reading() as conn:
        plan = gather.drafts(conn, play.case_id)["deployment_plan"]
    held = {**plan["P5"]}
    reason = {"state": "UNKNOWN", "reason": "Methods for each channel are still being chosen."}
    save_answers(
        play.office,
        play.case_id,
        play.people[play.lab],
        {"deployment_plan": {"P5": dict.fromkeys(held, reason)}},
    )
    return play.submit()


def _with_feasibility(play: Play) -> Play:
    plan = prepared("tern-2").answers["deployment_plan"]
    save_answers(play.office, play.case_id, play.people[play.lab], {"deployment_plan": {"P5": plan["P5"]}})
    return play.submit(answered={"feasibility": "The table now names a method for each channel."})


def _minor(play: Play, discipline: Discipline, statement: str, evidence: str, domain: Domain) -> str:
    return play.finding(discipline, statement, [evidence], domain=domain)


def _decisive(play: Play, statement: str, evidence: str) -> str:
    return play.finding(
        Discipline.CYBER,
        statement,
        [evidence],
        severity=Severity.DECISIVE,
        domain=Domain.CYBER,
        tier=2,
        uncertainty="One suite and one scaffold; longer attempts were not tried.",
        alternative="The targets may be easier than those that defenders run.",
    )


def _answer(play: Play, *, first_only: bool = False) -> None:
    request = play.facts().open_request
    assert request is not None
    answers = (
        "With 256 attempts a task the rate is 0.41. The log follows as evidence with the next version.",
        "The final checkpoint was used. The manifest names it.",
    )
    for item, answer in zip(request.items[:1] if first_only else request.items, answers, strict=False):
        play.do(play.lab, Act.ANSWER_ITEM, ItemAnswer(item_id=item.id, answer=answer))
