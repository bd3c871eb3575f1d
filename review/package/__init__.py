"""A package folder: a whole filing as files, `submission.yaml` and its evidence, read without a database.

Our own schema is `model-review-package/1`. Other schemas come in through a mapping file in `forms/mappings`
(`submission-draft/1`). What a mapping has no field for is kept as a further statement with its source.
"""

from review.package.prepared import TITLES, prepared
from review.package.reading import (
    OWN_SCHEMA,
    Package,
    PackageEvidence,
    PackageProblem,
    Unusable,
    check,
    read_package,
    renumber,
)

__all__ = [
    "OWN_SCHEMA",
    "TITLES",
    "Package",
    "PackageEvidence",
    "PackageProblem",
    "Unusable",
    "check",
    "prepared",
    "read_package",
    "renumber",
]
