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
ORIGIN_FILE = "origin"
"""Holds the ledger's name, for ever; written when the house is founded."""

DEMONSTRATION_FILE = "demonstration"
"""Marks a folder that holds a demonstration docket: it never becomes anything else."""


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
    data = Path(str(found["data"])).resolve()
    found["data"] = str(data)
    if (data / ORIGIN_FILE).is_file():
        found["origin"] = (data / ORIGIN_FILE).read_text("utf-8").strip()
    if (data / DEMONSTRATION_FILE).is_file():
        found["demonstration"] = True
    return msgspec.convert(found, Settings, strict=False, dec_hook=_path)


def _path(kind: type, value: object) -> object:
    if kind is Path:
        return Path(str(value))
    raise NotImplementedError(kind)


def asset_root() -> Path:
    """The folder that holds templates/ and static/: the package when installed, else its parent."""
    package = Path(__file__).resolve().parent
    return package if (package / "templates").is_dir() else package.parent


class Persona(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of the demonstration docket. Personas exist in demonstration mode only."""

    name: str
    user_id: str
    title: str
    does: str


DEMONSTRATION_PASSWORD = "heron tern kestrel"  # noqa: S105 - it protects nothing: demonstration mode only
"""Of every persona; shown in the sign dialog, in demonstration mode only."""

PERSONAS: tuple[Persona, ...] = (
    Persona(
        name="Milan Horak",
        user_id="milan.horak@ostrava.example",
        title="Ostrava AI, regulatory lead",
        does="files Kestrel and signs for the lab",
    ),
    Persona(
        name="Priya Raman",
        user_id="priya.raman@ostrava.example",
        title="Ostrava AI, evaluation engineer",
        does="attaches evidence and confirms numbers",
    ),
    Persona(
        name="Jonas Brandt",
        user_id="jonas.brandt@calder.example",
        title="Calder, regulatory lead",
        does="answers questions and notices",
    ),
    Persona(
        name="Sara Lindqvist",
        user_id="sara.lindqvist@northlight.example",
        title="Northlight, regulatory lead",
        does="files Heron 4",
    ),
    Persona(
        name="Amara Diallo",
        user_id="amara.diallo@agency.example",
        title="Docket manager",
        does="assigns people to cases, verifies labs",
    ),
    Persona(
        name="Peter Lindgren",
        user_id="peter.lindgren@agency.example",
        title="Intake officer",
        does="screens filings for completeness",
    ),
    Persona(
        name="Ines Okafor",
        user_id="ines.okafor@agency.example",
        title="Reviewer: Cyber, Safeguards",
        does="writes findings and signs reviews",
    ),
    Persona(
        name="Lena Haas",
        user_id="lena.haas@agency.example",
        title="Reviewer: CBRN, Autonomy, Societal, Deployment",
        does="writes findings and signs reviews",
    ),
    Persona(
        name="Daniel Reyes",
        user_id="daniel.reyes@agency.example",
        title="Review lead",
        does="leads the team, asks questions, recommends",
    ),
    Persona(
        name="Ruth Adeyemi",
        user_id="ruth.adeyemi@agency.example",
        title="Deciding official",
        does="issues notices and decides",
    ),
    Persona(
        name="Tomás Vega",
        user_id="tomas.vega@agency.example",
        title="Agency counsel",
        does="concurs as legally sufficient",
    ),
    Persona(
        name="Grace Mbeki",
        user_id="grace.mbeki@agency.example",
        title="Ratifier",
        does="ratifies open-weight releases",
    ),
    Persona(
        name="Helen Whitlock",
        user_id="helen.whitlock@agency.example",
        title="Auditor",
        does="checks the record and downloads dossiers",
    ),
    Persona(
        name="Kofi Mensah",
        user_id="kofi.mensah@agency.example",
        title="System administrator",
        does="invites people and asks for roles",
    ),
    Persona(
        name="Anna Kowalska",
        user_id="anna.kowalska@agency.example",
        title="System administrator",
        does="confirms roles that the other asked for",
    ),
)
