"""What a check of the ledger says: findings, each named, and what was and was not checked."""

from collections import Counter

import msgspec

MOST_PER_CODE = 100
"""A broken ledger may hold millions of faults of one kind; so many are named, the rest are counted."""


class CannotVerify(RuntimeError):
    """The check cannot run at all; the message says why (exit code 2)."""


class Finding(msgspec.Struct, frozen=True):
    """One fault: a code for programs, the place, and a sentence for people."""

    code: str
    where: str
    sentence: str


class Findings:
    """Collects findings, naming the first hundred of each kind and counting the others."""

    def __init__(self) -> None:
        self._named: list[Finding] = []
        self._seen: Counter[str] = Counter()

    def add(self, code: str, where: str, sentence: str) -> None:
        """Note one fault."""
        self._seen[code] += 1
        if self._seen[code] <= MOST_PER_CODE:
            self._named.append(Finding(code, where, sentence))

    def all(self) -> tuple[Finding, ...]:
        """Return what was named, and one line for each kind that was cut short."""
        more = [
            Finding(code, "and elsewhere", f"{count - MOST_PER_CODE} more findings of this kind.")
            for code, count in self._seen.items()
            if count > MOST_PER_CODE
        ]
        return (*self._named, *more)


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a check of the whole ledger."""

    events: int
    root: str
    findings: tuple[Finding, ...]
    checked: tuple[str, ...]
    not_checked: tuple[str, ...]
    unregulated_tables: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """0 when clean, 1 with findings."""
        return 1 if self.findings else 0

    def document(self) -> dict[str, object]:
        """Return the whole result as plain data for JSON."""
        plain: dict[str, object] = msgspec.json.decode(msgspec.json.encode(self))
        return plain
