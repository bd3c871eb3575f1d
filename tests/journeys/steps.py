"""What each persona does on a case, in the words of the buttons; journeys put these together."""

from collections.abc import Sequence

from tests.journeys.visitor import Visitor

WHOLE_TEAM = (
    ("Intake officer", "Peter Lindgren"),
    ("Review lead", "Daniel Reyes"),
    ("Agency counsel", "Tomás Vega"),
    ("Deciding official", "Ruth Adeyemi"),
)


def assign(v: Visitor, number: str, team: Sequence[tuple[str, str]] = WHOLE_TEAM) -> None:
    """The docket manager puts people on the case."""
    v.be("Amara Diallo").task("Assign the intake officer", number)
    for role, person in team:
        v.choose(role, person).press("Assign", role.lower())
    v.sees("Nobody reviews yet")


def declare(v: Visitor, who: str, number: str) -> None:
    """A person says on the desk that there is no conflict of interest; the case opens."""
    v.be(who).task("Declare conflicts", number)
    v.tick("I have no interest").press("Declare").sees("Conflicts declared")


def screen(v: Visitor, number: str) -> None:
    """Intake answers one question by hand, takes the rest as the rules found, and accepts."""
    declare(v, "Peter Lindgren", number)
    v.press("Screen the filing").sees("0 of 21 answered")
    v.tick("Yes").press("Save the answers").sees("1 of 21 answered")
    v.press("Answer the 20 open ones as the rules found").sees("21 of 21 answered")
    v.press("Accept the filing").sees("Filing accepted")


def assign_reviewers(v: Visitor, number: str, reviewers: Sequence[tuple[str, Sequence[str]]]) -> None:
    """The lead declares and names reviewers for all disciplines."""
    declare(v, "Daniel Reyes", number)
    v.press("Assign reviewers")
    for person, disciplines in reviewers:
        v.choose("Reviewer", person)
        for discipline in disciplines:
            v.tick(discipline)
        v.press("Assign", "reviewer")


def no_concern(v: Visitor, discipline: str, number: str) -> None:
    """A review of one page: what was looked at, no concern, signed."""
    v.press("Desk").task(f"Write your {discipline} review", number)
    v.tick("No concern").fill(
        "What you looked at", "The sections of the filing and the evidence that they cite."
    )
    v.press("Save, then read and sign").sign(f"Sign the {discipline} review").sees("Review signed")


def write_memo(v: Visitor, number: str, outcome: str, summary: str) -> None:
    """The lead weighs in five rows and recommends."""
    v.be("Daniel Reyes").case(number).press("Write the memo")
    v.tick(outcome).fill("Summary", summary)
    for row in ("Threat", "Available elsewhere", "Capability", "Safeguards", "Benefit"):
        v.fill(
            f"{row}: what we know, and what we do not",
            "What the evidence shows; longer attempts are not known.",
        )
        v.fill(f"{row}: so", "A bound on who may use it meets the concern.")
    v.press("Save, then read and recommend")
    v.sign(f"Sign the memo: recommend to {outcome.lower()}").sees("Outcome recommended")


def draft_restriction(v: Visitor, finding: str, *, criteria: str) -> None:
    """One condition tied to the finding, two milder options, a comparable, the way out, the reasons as drafted."""
    v.tick("Restrict").choose("Kind of condition", "Organization list").press("Add a condition")
    condition = v.part("C-01")
    v.choose("Which list", "its published list").fill("Admission criteria", criteria).fill(
        "Answer within", "10"
    )
    v.choose("Appeal to", "an outside reviewer").choose("Foreign staff of admitted organizations", "includes")
    v.tick(finding, condition).fill("How compliance is verified", "A sample of admissions, each quarter.")
    v.fill("Way back", "The upper bound of cyber_range_40 is at most 0.05 over 200 attempts.")
    options = (
        ("Monitoring alone", "It acts after the intrusion."),
        ("A limit of requests for each account", "One success needs few attempts."),
    )
    for number, (option, why) in enumerate(options, start=1):
        place = v.part(f"Option {number}")
        v.fill("The option", option, place).fill("Why it is not enough", why, place)
    place = v.part("Comparable 1")
    v.fill("Case or model", "Tern 2", place).fill("Its outcome", "Restricted", place)
    v.fill("How it compares", "A higher rate on the same suite, under a gate.", place)
    v.fill("Transition for present users", "Nobody uses it yet.")
    v.press("Draft the reasons from findings and memo").press("Save the draft")


def concur(v: Visitor, number: str, what: str) -> None:
    """Counsel reads the whole text and signs that it is legally sufficient."""
    v.be("Tomás Vega").case(number).press("Read and concur").open_dialog("Read version 1 and concur")
    v.sign(f"Sign: concur with the {what} as legally sufficient").sees("Counsel concurred")
