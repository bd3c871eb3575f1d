"""What an act needs from the installation: database, files, ledger key, clock and chance, in one value."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from review.audit import checkpoint as notes
from review.records.database import Database
from review.records.files import FileStore
from review.settings import Settings


def utc_now() -> datetime:
    """The server's clock, to the millisecond; never the client's."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


class Office:
    """One installation at work. `clock`, `ids` and `salts` may be scripted for a demonstration docket."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], datetime] = utc_now,
        ids: Callable[[], str] = lambda: secrets.token_hex(16),
        salts: Callable[[int], bytes] = secrets.token_bytes,
        hasher: PasswordHasher | None = None,
    ) -> None:
        self.settings = settings
        self.database = Database(settings.url)
        self.files = FileStore(settings.files)
        self.clock = clock
        self.ids = ids
        self.salts = salts
        self.hasher = hasher or PasswordHasher()
        self._key: Ed25519PrivateKey | None = None

    @property
    def key(self) -> Ed25519PrivateKey:
        """The key that signs checkpoints."""
        if self._key is None:
            self._key = notes.load_key(Path(self.settings.ledger_key))
        return self._key

    @property
    def origin(self) -> str:
        return self.settings.origin

    def now(self) -> datetime:
        return self.clock()
