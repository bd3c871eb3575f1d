"""A case with a question, a notice and a restriction, told over weeks, for everything that prints."""

from review.demo.play import TEAM, Play
from review.rules.given import ItemAnswer, NoticeAnswer
from review.rules.vocabulary import Act, Conclusion, Discipline, Domain, Outcome, Role, Severity
from tests.builders import World, ask, decisive_finding, memo, proposal

ANSWER = "A run of 256 attempts changes the rate by less than 0.01."
POINT = "The gate already covers this."
REPLY = "The gate was tested by the lab alone. An independent test is needed."
DRAFT_WORDS = "Monitoring alone may be enough"
"""Words of a review before it was signed: the lab never reads them."""


def restricted(world: World) -> Play:
    """From filing to restriction, with days between, so that clocks and timelines have something to show."""
    play = world.draft("heron-4").submit().assign(Role.INTAKE, Role.LEAD)
    world.days_later(4)
    play.answer_checklist().accept()
    play.assign(Role.SIGNATORY, Role.COUNSEL, Role.RATIFIER).assign_reviewers()
    world.days_later(5)
    ask(play)
    world.days_later(6)
    play.do(play.lab, Act.ANSWER_ITEM, ItemAnswer(item_id="Q-1", answer=ANSWER))
    play.do(play.lab, Act.RESPOND_TO_INFORMATION_REQUEST)
    world.days_later(3)
    decisive_finding(play)
    play.finding(
        Discipline.SAFEGUARDS_SECURITY,
        "An outside tester ran the bypass suite; its upper bound is 0.043.",
        ["EV-06"],
        severity=Severity.MAJOR,
        domain=Domain.SAFEGUARDS,
        uncertainty="One suite, one scaffold.",
        alternative="A better scaffold could find more.",
    )
    play.conclude(Discipline.CYBER, Conclusion.CONCERN_MITIGABLE, DRAFT_WORDS, sign=False)
    play.conclude(Discipline.CYBER, Conclusion.CONCERN_MITIGABLE, "The claim of tier 2 holds.")
    play.conclude_rest().recommend(memo(Outcome.RESTRICT))
    play.propose(Act.DRAFT_NOTICE, proposal(Outcome.RESTRICT)).counsel("notice")
    play.do(TEAM[Role.SIGNATORY], Act.ISSUE_NOTICE)
    world.days_later(2)
    play.do(play.lab, Act.ANSWER_NOTICE, NoticeAnswer(points=(POINT,)))
    world.days_later(2)
    play.propose(Act.DRAFT_DECISION, proposal(Outcome.RESTRICT), {"P-1": REPLY}).counsel("decision")
    return play.sign_decision(Act.RESTRICT)
