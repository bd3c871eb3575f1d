"""A refusal is a value: what was not done, why, and where the way out is."""

import msgspec


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why an act is not open to this person now.

    `code` names the guard or permission (G-SOD-1, case:accept). `sentence` is for people. `place` is where the
    cure lies: a tab of the case ("review", "filing", "decision", ...), optionally with an id after a slash.
    """

    code: str
    sentence: str
    citation: str = ""
    place: str = ""


class Refused(Exception):
    """An act was refused; every refusal at once, nothing was changed."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__("; ".join(refusal.sentence for refusal in refusals))
        self.refusals = refusals
