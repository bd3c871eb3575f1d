"""The command line. Names are fixed; commands that touch stored cases take --data DIR."""

import json
import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from review.rules.refusals import Refused
from review.rules.vocabulary import Discipline, Role
from review.settings import DEFAULT_DATA, DEMONSTRATION_PASSWORD, Settings, from_environment

DATA = click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=None,
    help=f"The data folder; {DEFAULT_DATA} unless given.",
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _settings(data: Path | None, **chosen: Any) -> Settings:
    return from_environment(data=str(data) if data else None, **chosen)


def _office(data: Path | None) -> Any:
    from review.acts.office import Office
    from review.records import schema

    settings = _settings(data)
    if not settings.database_url and not (settings.data / "review.sqlite").exists():
        raise click.ClickException(
            f"There is no docket in {settings.data}. Make one: review db init, or review demo."
        )
    office = Office(settings)
    try:
        with office.database.reading() as conn:
            found = schema.current(conn)
        if found not in schema.known():
            raise click.ClickException(f"The database has schema {found}, which this version does not know.")
    except Exception:
        office.database.close()
        raise
    return office


def _refused(refused: Refused) -> click.ClickException:
    return click.ClickException("\n".join(["Not done.", *(r.sentence for r in refused.refusals)]))


def _print(value: object) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="model-review")
def main() -> None:
    """Pre-release regulatory review of frontier AI models."""


# Installation -----------------------------------------------------------------------------------


@main.group()
def db() -> None:
    """Make and upgrade the database."""


@db.command("init")
@DATA
@click.option(
    "--administrator", "administrators", multiple=True, required=True, metavar="'NAME <MAIL>'", help="Twice."
)
@click.option("--origin", default=None, help="The ledger's name, for ever.")
def db_init(data: Path | None, administrators: tuple[str, ...], origin: str | None) -> None:
    """Write schema, ledger key, origin, and a one-time link for each of the first two administrators."""
    from review.acts.installation import found_house

    people = tuple(_person(text) for text in administrators)
    if len(people) != 2:
        raise click.ClickException(
            "Name two administrators: --administrator 'A <a@x>' --administrator 'B <b@x>'."
        )
    try:
        links = found_house(_settings(data, origin=origin), people)
    except Refused as refused:
        raise _refused(refused) from None
    for path in links:
        click.echo(f"One-time link, lasts 24 hours: {path}")


def _person(text: str) -> tuple[str, str]:
    name, _, mail = text.partition("<")
    if not mail.rstrip(">").strip() or not name.strip():
        raise click.ClickException(f"Write a person as 'Name <mail>'. You wrote: {text}")
    return name.strip(), mail.rstrip(">").strip()


@db.command("upgrade")
@DATA
def db_upgrade(data: Path | None) -> None:
    """Bring the schema to this version; a newer schema is refused."""
    from review.records import schema
    from review.records.database import Database

    try:
        click.echo(f"Schema {schema.upgrade(Database(_settings(data).url))}.")
    except schema.NewerSchema as newer:
        raise click.ClickException(str(newer)) from None


@main.command()
@DATA
@click.option("--port", type=int, default=None)
@click.option("--host", default=None)
def serve(data: Path | None, port: int | None, host: str | None) -> None:
    """Serve the pages, with a worker beside them."""
    from review.web.serving import serve as run

    run(_settings(data, port=port, host=host))


@main.command()
@DATA
@click.option("--once", is_flag=True, help="Do what is due, then stop.")
def work(data: Path | None, once: bool) -> None:
    """Make documents, send mail, do what is due by itself."""
    from review.worker import work as run

    run(_office(data), once=once)


@main.command()
@DATA
@click.option("--quiet", is_flag=True)
def demo(data: Path | None, quiet: bool) -> None:
    """Build the demonstration docket in an empty folder."""
    from review.demo.docket import build

    settings = _settings(data)
    if settings.data.exists() and any(settings.data.iterdir()):
        raise click.ClickException(f"{settings.data} is not empty. Name an empty folder.")
    build(settings, say=(lambda _text: None) if quiet else click.echo)


# People -----------------------------------------------------------------------------------------


@main.group()
def people() -> None:
    """Invite people, ask for roles, list who is there."""


@people.command("list")
@DATA
@AS_JSON
def people_list(data: Path | None, as_json: bool) -> None:
    """Everybody, with roles."""
    from review.acts.installation import everybody

    rows = everybody(_office(data))
    if as_json:
        _print(rows)
        return
    for row in rows:
        click.echo(f"{row['user_id']:36} {row['name']:22} {', '.join(row['roles'])}")


@people.command("add")
@DATA
@click.option("--as", "by", required=True, metavar="MAIL", help="The administrator who invites.")
@click.option("--lab", default=None, help="The lab of the person; made if it is not there yet.")
@click.option("--lab-role", type=click.Choice(["LAB_RA", "LAB_ENG"]), default="LAB_RA")
@click.argument("person", metavar="'NAME <MAIL>'")
def people_add(data: Path | None, by: str, lab: str | None, lab_role: str, person: str) -> None:
    """Add a person and write the one-time link to the mail folder."""
    from review.acts.installation import add_person

    name, mail = _person(person)
    try:
        click.echo(
            f"One-time link: {add_person(_office(data), by, name, mail, lab, Role(lab_role) if lab else None)}"
        )
    except Refused as refused:
        raise _refused(refused) from None


@people.command("invite")
@DATA
@click.argument("mail")
def people_invite(data: Path | None, mail: str) -> None:
    """Write a new one-time link for a person who is there."""
    from review.acts.installation import invite_again

    try:
        click.echo(f"One-time link: {invite_again(_office(data), mail)}")
    except Refused as refused:
        raise _refused(refused) from None


@people.command("roles")
@DATA
@click.option("--as", "by", required=True, metavar="MAIL", help="The administrator who acts.")
@click.option("--grant", is_flag=True, help="Confirm a role that the other administrator asked for.")
@click.option("--discipline", "disciplines", multiple=True, type=click.Choice([d.value for d in Discipline]))
@click.argument("mail")
@click.argument("role", type=click.Choice([r.value for r in Role]))
def people_roles(
    data: Path | None, by: str, grant: bool, disciplines: tuple[str, ...], mail: str, role: str
) -> None:
    """Ask for a role; the other administrator runs the same with --grant."""
    from review.acts.installation import role as run

    try:
        click.echo(
            run(_office(data), by, mail, Role(role), tuple(Discipline(d) for d in disciplines), grant=grant)
        )
    except Refused as refused:
        raise _refused(refused) from None


# Cases ------------------------------------------------------------------------------------------


@main.group()
def cases() -> None:
    """The docket."""


@cases.command("list")
@DATA
@AS_JSON
def cases_list(data: Path | None, as_json: bool) -> None:
    """Docket number, state, lab, model."""
    from review.acts.installation import docket

    rows = docket(_office(data))
    if as_json:
        _print(rows)
        return
    for row in rows:
        click.echo(f"{row['docket'] or 'draft':16} {row['state']:28} {row['lab']:16} {row['model']}")


@main.group()
def package() -> None:
    """Check and file a package folder."""


@package.command("check")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@AS_JSON
def package_check(folder: Path, as_json: bool) -> None:
    """Say what is missing, by the rules that would refuse the filing."""
    from review import package as packages

    try:
        found = packages.check(packages.read_package(folder))
    except packages.Unusable as unusable:
        raise click.ClickException(str(unusable)) from None
    if as_json:
        _print([msgspec.to_builtins(item) for item in found])
    elif not found:
        click.echo("Complete. Nothing is missing.")
    for item in () if as_json else found:
        click.echo(f"{item.place}: {item.sentence}")
    sys.exit(1 if found else 0)


@package.command("file")
@DATA
@click.option("--as", "by", required=True, metavar="MAIL")
@click.option("--password-file", type=click.Path(path_type=Path, exists=True, dir_okay=False), default=None)
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def package_file(data: Path | None, by: str, password_file: Path | None, folder: Path) -> None:
    """File a package: the same acts as the pages, signed with the password in the file."""
    from review import package as packages
    from review.acts.installation import person_id
    from review.acts.packages import file_package
    from review.acts.receipts import receipt

    office = _office(data)
    if password_file is None and not office.settings.demonstration:
        raise click.ClickException("Give --password-file. It may be left out in demonstration mode only.")
    password = password_file.read_text("utf-8").strip() if password_file else DEMONSTRATION_PASSWORD
    try:
        whole = packages.read_package(folder)
        case_id, number = file_package(office, person_id(office, by), whole, by, password)
    except packages.Unusable as unusable:
        raise click.ClickException(str(unusable)) from None
    except Refused as refused:
        raise _refused(refused) from None
    click.echo(f"Filed as {number}.")
    click.echo(json.dumps(receipt(office, case_id), ensure_ascii=False))


@main.group()
def evidence() -> None:
    """Read evidence files."""


@evidence.command("read")
@click.argument("path", type=click.Path(path_type=Path))
@AS_JSON
def evidence_read(path: Path, as_json: bool) -> None:
    """Say what an evidence file, or a HELM run directory, states."""
    from review.evidence import read

    reading = read(path)
    if as_json:
        _print(reading.document())
    else:
        click.echo(f"{reading.file}: {reading.format or 'no reader knows it'}")
        for problem in reading.problems:
            click.echo(f"  {problem.severity}: {problem.message}")
        for run in reading.runs:
            click.echo(f"  {run.status}: {run.benchmark} on {run.subject}")
            for one in run.measurements:
                click.echo(f"    {one.metric} = {one.value_text} (n {one.n})")
    sys.exit(int(reading.refused))


@main.group()
def dossier() -> None:
    """Documents of a case."""


@dossier.command("build")
@DATA
@click.argument("docket")
@click.option("--edition", type=click.Choice(["internal-full", "lab"]), required=True)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option("--at", type=int, default=None, help="As of this ledger index.")
def dossier_build(data: Path | None, docket: str, edition: str, out: Path, at: int | None) -> None:
    """Make a dossier; the same docket, edition and index give the same bytes."""
    from review.acts.installation import case_id
    from review.dossier import NotPrinted, build
    from review.rules.vocabulary import Audience

    office = _office(data)
    try:
        made = build(office, case_id(office, docket), Audience(edition.upper().replace("-", "_")), at)
    except (KeyError, NotPrinted, Refused) as problem:
        raise click.ClickException(str(problem)) from None
    out.write_bytes(made.pdf)
    click.echo(f"{out}: {made.pages} pages, as of entry {made.index}, SHA-256 {made.sha256}")


# The record -------------------------------------------------------------------------------------


@main.group()
def audit() -> None:
    """Check the record."""


@audit.command("verify")
@DATA
@click.option("--checkpoint", type=click.Path(path_type=Path, exists=True, dir_okay=False), default=None)
@click.option("--no-replay", is_flag=True, help="Leave out the histories of records.")
@AS_JSON
def audit_verify(data: Path | None, checkpoint: Path | None, no_replay: bool, as_json: bool) -> None:
    """Verify the whole record: 0 clean, 1 findings, 2 cannot run."""
    from review.audit.findings import CannotVerify
    from review.records import verification

    try:
        office = _office(data)
        found = verification.run(
            office.database,
            office.files,
            office.key.public_key(),
            office.origin,
            old_checkpoint=checkpoint.read_text("utf-8") if checkpoint else None,
            replay=not no_replay,
        )
    except (CannotVerify, click.ClickException, OSError, ValueError) as problem:
        click.echo(f"Cannot verify. {getattr(problem, 'message', problem)}", err=True)
        sys.exit(2)
    if as_json:
        _print(found.document())
    else:
        _say(found)
    sys.exit(found.exit_code)


def _say(found: Any) -> None:
    count = len(found.findings)
    click.echo("No finding." if not count else f"{count} finding{'' if count == 1 else 's'}.")
    for finding in found.findings:
        click.echo(f"  {finding.where}: {finding.sentence}")
    click.echo(f"{found.events:,} events, root {found.root}")
    for line in found.checked:
        click.echo(f"Checked: {line}")
    for line in found.not_checked:
        click.echo(f"Not checked: {line}")


@main.group()
def rules() -> None:
    """The procedure as it is enforced."""


@rules.command("print")
@AS_JSON
def rules_print(as_json: bool) -> None:
    """Every step: from, act, to, permission, guards, clock, signature, documents, notices."""
    from review.rules.workflow import printed

    rows = printed()
    if as_json:
        _print(rows)
        return
    for row in rows:
        start = ", ".join(row["from"]) or "nothing"  # type: ignore[arg-type]
        click.echo(f"{row['id']:5} {row['act']}: {start} -> {row['to'] or 'same'}  [{row['permission']}]")


@rules.command("lint")
def rules_lint() -> None:
    """Check all instruments."""
    from review.rules.instruments import lint

    found = lint()
    for line in found:
        click.echo(line)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
