"""Findings rest on evidence; reviews are signed; the quorum is whole."""

from review.rules.facts import Facts
from review.rules.given import FindingGiven, ReviewOf
from review.rules.guards.registry import guard, no
from review.rules.refusals import Refusal
from review.rules.vocabulary import Conclusion, Discipline, Severity


@guard("G-EVID")
def finding_cites_evidence(f: Facts) -> Refusal | None:
    """Each finding has at least one reference to an item version, with a locator, whose hash verifies."""
    if not isinstance(f.given, FindingGiven):
        return None
    if not f.given.citations:
        return no("G-EVID", "Cite at least one evidence item.", "evidence", "findings rest on evidence")
    for citation in f.given.citations:
        item = f.evidence_by_id.get(citation.evidence_id)
        if item is None or citation.sha256 not in {file.sha256 for file in item.files}:
            return no("G-EVID", f"{citation.number} has no such version in this case.", "evidence")
        if item.withdrawn is not None:
            return no("G-EVID", f"{citation.number} was withdrawn: {item.withdrawn}", "evidence")
        if citation.sha256 in f.broken_files:
            return no(
                "G-EVID", f"A file of {citation.number} no longer has the bytes that were filed.", "evidence"
            )
        if not citation.locator.strip():
            return no("G-EVID", f"Say where in {citation.number} the reader finds it.", "evidence")
    return None


@guard("finding_complete")
def finding_has_its_parts(f: Facts) -> Refusal | None:
    """A statement and its uncertainty; a reading other than the author's where it is major or decisive."""
    if not isinstance(f.given, FindingGiven):
        return None
    if not f.given.statement.strip():
        return no("finding_complete", "State the finding.", "review")
    if not f.given.uncertainty.strip():
        return no("finding_complete", "Say how sure it is and what is not known.", "review")
    if f.given.severity is not Severity.MINOR and not f.given.alternative_reading.strip():
        return no("finding_complete", "Give the alternative reading that you considered.", "review")
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
                return no(
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
        return no("review_ready", "You have no unsigned review here with a conclusion.", "review")
    for review in mine:
        if review.conclusion is None:
            return no("review_ready", f"{review.discipline.label}: state the conclusion first.", "review")
        own = [finding for finding in f.live_findings if finding.review_id == review.id]
        if review.conclusion is not Conclusion.NO_CONCERN and not own:
            return no(
                "review_ready", f"{review.discipline.label}: a concern needs at least one finding.", "review"
            )
        broken = [
            finding.number
            for finding in own
            if not finding.citations or any(c.sha256 in f.broken_files for c in finding.citations)
        ]
        if broken:
            return no("review_ready", f"{broken[0]} rests on evidence that does not verify.", "review")
    return None


@guard("quorum")
def every_discipline_signed(f: Facts) -> Refusal | None:
    """QUORUM: all required disciplines signed, each signature valid at this moment."""
    if f.cycle is None:
        return no("quorum", "The review has not begun.", "review")
    signed = {r.discipline for r in f.live_reviews if f.signed(r.signature_id)}
    owed = [d.label for d in f.cycle.disciplines if d not in signed]
    if not owed:
        return None
    if len(owed) == 1:
        return no("quorum", f"{owed[0]} has not signed its review.", "review")
    return no("quorum", f"{len(owed)} disciplines have not signed: {', '.join(owed)}.", "review")


@guard("findings_cite")
def grave_findings_cite_evidence(f: Facts) -> Refusal | None:
    for finding in f.live_findings:
        if finding.severity is not Severity.MINOR and not finding.citations:
            return no("findings_cite", f"{finding.number} cites no evidence.", "review")
        for citation in finding.citations:
            item = f.evidence_by_id.get(citation.evidence_id)
            if citation.sha256 in f.broken_files or item is None or item.withdrawn is not None:
                return no(
                    "findings_cite", f"{finding.number} rests on evidence that no longer stands.", "review"
                )
    return None
