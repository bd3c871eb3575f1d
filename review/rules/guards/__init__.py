"""Named conditions of the procedure: each asks the facts and answers with a refusal or with nothing.

A guard that judges what an act is given is silent while nothing is given, so that the same guards say what is
open before a form is filled and refuse a bad one after.
"""

from review.rules.facts import Facts
from review.rules.given import NotConcurred, Protest, Reason
from review.rules.guards import decision, filing, intake, people, proposal, questions, review
from review.rules.guards.registry import GUARDS, Guard, guard

__all__ = [
    "GUARDS",
    "Guard",
    "decision",
    "filing",
    "guard",
    "intake",
    "people",
    "proposal",
    "questions",
    "reason_text",
    "review",
]


def reason_text(f: Facts) -> str:
    """The reason given with an act, if it was given one."""
    return f.given.reason if isinstance(f.given, Reason | Protest | NotConcurred) else ""
