"""Rules that tie claims to evidence: which items a claimed tier needs, and what each item must carry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from review.rules.instruments.instrument import load
from review.rules.instruments.shape import Answer, Filing, Problem, Value, is_state, row_answers, value_of
from review.rules.instruments.visibility import as_number, rows_of, stated
from review.rules.intervals import MISMATCH, wilson

CLAIM_DOMAINS = {"CYBER": "Cyber", "CBRN": "CBRN", "AUTONOMY": "Autonomy", "MANIPULATION": "Manipulation"}
TRANSCRIPTS_NEEDED = 5
"""Random transcripts for each evaluation (CoP 7.3(1)(f))."""
NOT_A_RESULT = frozenset({"partial", "cancelled", "error", "unfinished", "withdrawn"})
DRAWN_OFF = frozenset({"L2", "L3"})


class EvidenceSummary(Value, frozen=True, kw_only=True):
    """What the cross-form rules need to know of one evidence item.

    `elicitation`, `safeguards_state` and `claim` use the words of the evidence instrument. `status` is the
    reader's. `samples` counts transcripts; `samples_reason` and `bridging` hold what was said instead.
    `answers` are the item's own answers; where they are given they are judged too.
    """

    id: str
    domain: str
    elicitation: str = ""
    safeguards_state: str = ""
    status: str = "unknown"
    has_log_hash: bool = False
    final_checkpoint: bool = False
    samples: int = 0
    claim: str | None = None
    title: str = ""
    bridging: str = ""
    samples_reason: str = ""
    answers: dict[str, Any] | None = None

    @property
    def is_result(self) -> bool:
        """A failed, cancelled or partial run is kept as such and supports no claim."""
        return self.status not in NOT_A_RESULT

    def supports(self, domain: str) -> bool:
        return self.is_result and domain in (self.domain, self.claim)


def summarize(
    id: str, attributes: dict[str, Answer], *, status: str = "unknown", has_log_hash: bool = False
) -> EvidenceSummary:
    """The summary of one evidence item from its answers and from what its reader found."""
    samples = as_number(value_of(attributes.get("samples_count")))
    final = attributes.get("final_checkpoint")
    return EvidenceSummary(
        id=id,
        title=_text(attributes, "title"),
        domain=_text(attributes, "domain") or "GENERAL",
        elicitation=_text(attributes, "elicitation_level"),
        safeguards_state=_text(attributes, "safeguards_state"),
        status=status,
        has_log_hash=has_log_hash or bool(_text(attributes, "log_digest")),
        final_checkpoint=final is True,
        samples=int(samples) if samples is not None else 0,
        bridging=_text(attributes, "checkpoint_delta")
        or _reason(attributes.get("checkpoint_delta") or final),
        samples_reason=_reason(attributes.get("samples_count")),
        answers=attributes,
    )


def _text(attributes: dict[str, Answer], key: str) -> str:
    value = value_of(attributes.get(key))
    return value.strip() if isinstance(value, str) else ""


def _reason(answer: Answer) -> str:
    return str(answer.get("reason") or "") if is_state(answer) and stated(answer) else ""


def claimed_tiers(filing: Filing, domain: str) -> tuple[Decimal | None, Decimal | None]:
    """The tiers claimed for a domain, with safeguards off and as deployed; None where none is stated."""
    claims = (filing.get("capability_disclosure") or {}).get(f"C_{domain}") or {}
    elicited = as_number(value_of(claims.get("tier_elicited_claim")))
    residual = as_number(value_of(claims.get("tier_residual_claim")))
    return elicited, residual


def evidence_problems(filing: Filing, evidence: Iterable[EvidenceSummary]) -> Iterator[Problem]:
    """Everything that the evidence as a whole lacks, as problems of the evidence overview."""
    items = tuple(evidence)
    absent = _declared_absent(filing)
    if not items and not any(lacking == "ANY_EVIDENCE" for _, lacking in absent):
        yield _overview(
            "no_evidence", "No evidence is attached", "Attach evidence, or say what you cannot give."
        )
    for domain, name in CLAIM_DOMAINS.items():
        elicited, residual = claimed_tiers(filing, domain)
        if elicited is None:
            continue
        about = [item for item in items if item.supports(domain)]
        if elicited >= 2:
            yield from _tier_two(domain, f"{name}, tier {elicited}", about, absent)
        if residual is not None and residual < elicited:
            guards = [*about, *(item for item in items if item.supports("SAFEGUARDS"))]
            yield from _residual(domain, name, guards, absent)
    yield from _checkpoints(filing, items)


def _declared_absent(filing: Filing) -> set[tuple[str, str]]:
    overview = (filing.get("evaluation_evidence") or {}).get("overview") or {}
    return {
        (str(value_of(answers.get("domain"))), str(value_of(answers.get("lacking"))))
        for row in rows_of(overview.get("absent_evidence"))
        if value_of((answers := row_answers(row)).get("reason"))
    }


def _tier_two(
    domain: str, claim: str, about: list[EvidenceSummary], absent: set[tuple[str, str]]
) -> Iterator[Problem]:
    if (domain, "ANY_EVIDENCE") in absent:
        return
    if not about:
        cure = "Attach a completed evaluation of this domain, or say why you cannot."
        yield _overview("tier_without_evidence", f"{claim}: no evidence", cure)
        return
    drawn_off = any(
        item.safeguards_state == "OFF_HELPFUL_ONLY" and item.elicitation in DRAWN_OFF for item in about
    )
    if not drawn_off and (domain, "SAFEGUARDS_OFF") not in absent:
        what = f"{claim}: needs one item with safeguards off, elicitation L2 or higher"
        yield _overview("tier_without_elicitation", what, "Attach such a run, or say why you cannot.")


def _residual(
    domain: str, name: str, guards: list[EvidenceSummary], absent: set[tuple[str, str]]
) -> Iterator[Problem]:
    if absent & {(domain, "UNDER_ATTACK"), (domain, "ANY_EVIDENCE")}:
        return
    if not any(item.safeguards_state == "AS_DEPLOYED_UNDER_ATTACK" for item in guards):
        what = f"{name}: a lower tier as deployed needs one item with the safeguards under attack"
        yield _overview("residual_without_attack", what, "Attach such a run, or say why you cannot.")


def _checkpoints(filing: Filing, items: tuple[EvidenceSummary, ...]) -> Iterator[Problem]:
    overview = (filing.get("evaluation_evidence") or {}).get("overview") or {}
    early = [item.id for item in items if item.answers and item.answers.get("final_checkpoint") is False]
    if early and overview.get("final_checkpoint") == "ALL_FINAL":
        yield Problem(
            place="overview/final_checkpoint",
            code="checkpoint_contradiction",
            sentence=f"All evidence is said to be final, but {', '.join(early)} is not",
            cure="Change this answer and give the bridging argument.",
            missing=False,
        )


def _overview(code: str, sentence: str, cure: str) -> Problem:
    return Problem(place="overview/absent_evidence", code=code, sentence=sentence, cure=cure, missing=True)


def item_problems(item: EvidenceSummary, filing: Filing) -> Iterator[Problem]:
    """What one evidence item lacks or has wrong. Items without answers of their own are judged by count."""
    if item.answers is not None:
        yield from load("evaluation_evidence", 1).judge_section("item", item.answers, filing=filing)
        yield from _wilson_mismatch(item.answers)
    if item.samples < TRANSCRIPTS_NEEDED and not item.samples_reason and _samples_given(item):
        yield Problem(
            place="item/samples_count",
            code="too_few_transcripts",
            sentence="Fewer than five transcripts drawn at random",
            cure=f"Give {TRANSCRIPTS_NEEDED} or more, or say that you cannot. You gave {item.samples}.",
            missing=True,
        )


def _samples_given(item: EvidenceSummary) -> bool:
    """Without any answer the question itself is already listed as missing."""
    return item.answers is None or as_number(value_of(item.answers.get("samples_count"))) is not None


def _wilson_mismatch(answers: dict[str, Answer]) -> Iterator[Problem]:
    if answers.get("metric_type") != "PROPORTION" or answers.get("ci_method") != "WILSON":
        return
    level = as_number(value_of(answers.get("ci_level")))
    successes, n = as_number(value_of(answers.get("successes"))), as_number(value_of(answers.get("n_items")))
    if (
        level is None
        or not 0 < level < 1
        or successes is None
        or n is None
        or not 0 <= successes <= n
        or n < 1
    ):
        return
    if successes % 1 or n % 1:
        return
    for key, computed in zip(("ci_low", "ci_high"), wilson(int(successes), int(n), str(level)), strict=True):
        given = as_number(value_of(answers.get(key)))
        if given is not None and abs(given - computed) > MISMATCH:
            yield Problem(
                place=f"item/{key}",
                code="wilson_mismatch",
                sentence=f"{successes} of {n} gives another Wilson bound",
                cure=f"Give {computed:.4f}, or name another method. You gave {answers[key]}.",
                missing=False,
            )
