"""What an installation chooses: one frozen value, read from REVIEW_* variables and command-line options."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of one installation.

    `database_url` empty means a SQLite file in the data folder. `demonstration` opens the one-click sign-in and
    is refused on any address but loopback.
    """

    data: Path
    database_url: str = ""
    host: str = "localhost"
    port: int = 8000
    demonstration: bool = False
    site_name: str = "Model Review"
    agency_name: str = "Office of Model Review"
    origin: str = "model-review.example/ledger"
    paper: str = "letter"
    smtp: str = ""

    @property
    def url(self) -> str:
        """The SQLAlchemy address of the database."""
        return self.database_url or f"sqlite:///{self.data / 'review.sqlite'}"

    @property
    def files(self) -> Path:
        return self.data / "files"

    @property
    def mail(self) -> Path:
        return self.data / "mail"

    @property
    def ledger_key(self) -> Path:
        return self.data / "ledger.key"

    @property
    def address(self) -> str:
        return f"http://{self.host}:{self.port}"


DEFAULT_DATA = "data/demo"


def from_environment(environ: Mapping[str, str] | None = None, **chosen: object) -> Settings:
    """Settings from REVIEW_* variables; options given by name win."""
    env = os.environ if environ is None else environ
    found: dict[str, object] = {}
    for field in Settings.__struct_fields__:
        raw = env.get(f"REVIEW_{field.upper()}")
        if raw is not None:
            found[field] = raw
    found.update({key: value for key, value in chosen.items() if value is not None})
    found.setdefault("data", DEFAULT_DATA)
    found["data"] = str(Path(str(found["data"])).resolve())
    return msgspec.convert(found, Settings, strict=False, dec_hook=_path)


def _path(kind: type, value: object) -> object:
    if kind is Path:
        return Path(str(value))
    raise NotImplementedError(kind)


def asset_root() -> Path:
    """The folder that holds templates/ and static/: the package when installed, else its parent."""
    package = Path(__file__).resolve().parent
    return package if (package / "templates").is_dir() else package.parent
