"""Documents: the worker records what it made; people who fetch a sealed edition leave a trace."""

from typing import Any

import msgspec

from review.acts.door import Door, act
from review.rules.entities import OwedDocument
from review.rules.given import Downloaded, Issued
from review.rules.vocabulary import Act


@act(Act.ISSUE_DOCUMENT)
def issue_document(door: Door, given: Issued) -> None:
    """K25: a document exists; its bytes are in the file store under their hash."""
    assert door.case is not None
    values: dict[str, Any] = {
        "sha256": given.sha256,
        "bytes": given.bytes,
        "edition": given.edition,
        "at_index": given.at_index,
        "issued_at": door.now,
    }
    owed = next((d for d in door.f.documents if d.id == given.document_id), None)
    if owed is not None:
        door.put(msgspec.structs.replace(owed, **values))
        door.result = owed.id
        return
    made = OwedDocument(
        id=door.new_id(),
        case_id=door.case.id,
        document=given.document,
        audience=given.audience,
        title=given.title,
        owed_at=door.now,
        **values,
    )
    door.put(made)
    door.result = made.id


@act(Act.DOWNLOAD_DOCUMENT)
def download_document(door: Door, given: Downloaded) -> None:
    """K26: who fetched which edition, and what for."""
    found = next((d for d in door.f.documents if d.id == given.document_id), None)
    if found is not None and found.sha256:
        door.relied_on.append(found.sha256)
    door.reason = given.purpose
