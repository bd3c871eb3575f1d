"""All that one audience may know of one case, as one frozen value; pages and documents are prints of it.

`build` makes a CaseFile from the facts; `gather` makes the facts, as they are now or as of a ledger index.
"""

from review.casefile.build import build
from review.casefile.gather import actor, facts, facts_at
from review.casefile.shape import CaseFile

__all__ = ["CaseFile", "actor", "build", "facts", "facts_at"]
