"""The receipt of a filing: proof that it was recorded, disclosing only the parts that the lab may see."""

import msgspec
from sqlalchemy import select

from review.acts.office import Office
from review.audit import checkpoint as notes
from review.audit import ledger
from review.audit import receipt as receipts
from review.audit.tables import event
from review.rules.vocabulary import Act

LAB_SEES = frozenset({"case", "filing_version", "signature"})
FILED = (Act.SUBMIT.value, Act.RESUBMIT_AFTER_REFUSAL.value)


def _disclosed(part: ledger.SealedPart) -> bool:
    return part.name in {"actor", "reason", "relied_on"} or part.kind in LAB_SEES


def receipt(office: Office, case_id: str) -> dict[str, object]:
    """The receipt of the newest filing of a case, as JSON data. Raises KeyError when nothing was filed."""
    with office.database.reading() as conn:
        index = conn.execute(
            select(event.c.index)
            .where(event.c.case_id == case_id, event.c.act.in_(FILED))
            .order_by(event.c.index.desc())
            .limit(1)
        ).scalar_one_or_none()
        if index is None:
            raise KeyError(case_id)
        key = notes.vkey(office.origin, office.key.public_key())
        made = receipts.make(conn, index, discloses=_disclosed, key=key)
    plain: dict[str, object] = msgspec.json.decode(receipts.write(made))
    return plain
