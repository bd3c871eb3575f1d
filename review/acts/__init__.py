"""What people do, one function for each act, all through one door.

`perform` is the only writer of the record. It asks the table, the permission map and every guard, changes,
signs, records and queues in one transaction, and the database refuses any other way.
"""

from review.acts.office import Office
from review.acts.perform import Done, perform, run_due
from review.acts.signing import Prepared, Signing, prepare

__all__ = ["Done", "Office", "Prepared", "Signing", "perform", "prepare", "run_due"]
