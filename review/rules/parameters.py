"""Parameters of a condition: what kind of value each takes, and which way it gets harsher."""

import msgspec

from review.rules.vocabulary import Word


class ParameterKind(Word):
    """How a parameter is stored: whole numbers as int, fractions as decimal strings, dates as ISO strings."""

    CHOICE = "CHOICE"
    CHOICES = "CHOICES"
    WHOLE = "WHOLE"
    PROPORTION = "PROPORTION"
    TEXT = "TEXT"
    LIST = "LIST"
    DATE = "DATE"
    YES_NO = "YES_NO"


class Harsher(Word):
    """Which way a parameter gets harsher; UNORDERED for those that nobody can rank."""

    HIGHER = "HIGHER"
    LOWER = "LOWER"
    UNORDERED = "UNORDERED"


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter. `choices` are (value, words); `empty` is how a list without entries reads.

    `minimum` and `maximum` are decimal strings. Ordered choices get harsher along `harsher`.
    """

    key: str
    label: str
    kind: ParameterKind
    unit: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = True
    empty: str = ""
    minimum: str | None = None
    maximum: str | None = None
    harsher: Harsher = Harsher.UNORDERED
    hint: str = ""


def whole(
    key: str, label: str, unit: str, harsher: Harsher, *, required: bool = True, minimum: str = "1"
) -> Parameter:
    return Parameter(
        key=key,
        label=label,
        kind=ParameterKind.WHOLE,
        unit=unit,
        minimum=minimum,
        required=required,
        harsher=harsher,
    )


def share(key: str, label: str, harsher: Harsher, *, required: bool = True) -> Parameter:
    return Parameter(
        key=key,
        label=label,
        kind=ParameterKind.PROPORTION,
        minimum="0",
        maximum="1",
        required=required,
        harsher=harsher,
    )


def text(key: str, label: str, *, required: bool = True, hint: str = "") -> Parameter:
    return Parameter(key=key, label=label, kind=ParameterKind.TEXT, required=required, hint=hint)


def choice(
    key: str, label: str, choices: tuple[tuple[str, str], ...], harsher: Harsher = Harsher.UNORDERED
) -> Parameter:
    return Parameter(key=key, label=label, kind=ParameterKind.CHOICE, choices=choices, harsher=harsher)


def day(key: str, label: str, *, required: bool = True, harsher: Harsher = Harsher.UNORDERED) -> Parameter:
    return Parameter(key=key, label=label, kind=ParameterKind.DATE, required=required, harsher=harsher)


def several(key: str, label: str, choices: tuple[tuple[str, str], ...], *, empty: str) -> Parameter:
    """Any of the choices; none chosen reads as `empty`, which means all of them."""
    return Parameter(
        key=key, label=label, kind=ParameterKind.CHOICES, choices=choices, required=False, empty=empty
    )


def names(key: str, label: str, *, hint: str = "") -> Parameter:
    return Parameter(key=key, label=label, kind=ParameterKind.LIST, hint=hint)
