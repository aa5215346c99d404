"""`rollcall emulate`: an emulated tenant."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cxone_rollcall.cli import signals, tab_key
from cxone_rollcall.cli.tls import tls_context
from cxone_rollcall.errors import SettingError

if TYPE_CHECKING:
    import ssl

    from cxone_rollcall.emulator import Address, Emulator

_TLS_EXAMPLE = "rollcall emulate --tls-cert cert.pem --tls-key key.pem"


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes any free port.")
@click.option(
    "--contract",
    "contracts",
    type=click.Choice(["v2", "incontact"]),
    multiple=True,
    default=["v2"],
    show_default=True,
    help="The API that it serves; repeat the option for both.",
)
@click.option("--agents", type=click.IntRange(min=0), default=120, show_default=True, help="Number of agents.")
@click.option("--seed", type=int, default=1, show_default=True, help="Chooses the agents' names and whom faults hit.")
@click.option(
    "--clock", type=click.Choice(["frozen", "running"]), default="frozen", show_default=True, help="Of the tenant."
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME[=ARGS]",
    shell_complete=tab_key.completed_by(tab_key.faults),
    help="Have this fault; --faults lists them.",
)
@click.option("--faults", "list_faults", is_flag=True, help="List the faults and their arguments, then exit.")
@click.option(
    "--reading", "readings", multiple=True, metavar="NAME=VALUE", help="Have this variant; --readings lists them."
)
@click.option("--readings", "show_readings", is_flag=True, help="List the incontact variants, then exit.")
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), help="Requests per second before a 429.")
@click.option(
    "--retry-after",
    type=click.Choice(["seconds", "date", "none"]),
    default="seconds",
    show_default=True,
    help="Retry-After of a 429.",
)
@click.option(
    "--latency", "latency_ms", type=click.FloatRange(min=0), default=0.0, metavar="MS", help="Delay of each response."
)
@click.option("--page-cap", type=click.IntRange(min=1), default=100, show_default=True, help="Most rows on a page.")
@click.option(
    "--token-life", type=click.IntRange(min=1), default=3600, show_default=True, help="Token lifetime in seconds."
)
@click.option("--list-all", is_flag=True, help='Grant "List All Agents": states are listed without ids too.')
@click.option("--cors", is_flag=True, help="Let web pages of any origin use the API.")
@click.option("--client-id", default="emulated-client", show_default=True, help="The client that is registered.")
@click.option("--tls-cert", metavar="FILE", help="Serve https with this PEM certificate; needs --tls-key.")
@click.option("--tls-key", metavar="FILE", help="Its PEM key, without a password.")
def command(**given: Any) -> int:
    """Run an emulated tenant on this machine until Ctrl-C.

    It is not CXone and proves nothing about a real tenant. Faults can be switched while it runs, at
    /_emulator/faults.
    """
    from cxone_rollcall.emulator import Emulator, EmulatorSettings, FaultArgumentError, parse_fault, parse_readings

    list_faults, show_readings = given.pop("list_faults"), given.pop("show_readings")
    if list_faults or show_readings:
        _list_faults() if list_faults else _list_readings()
        return 0
    host, port, faults = given.pop("host"), given.pop("port"), given.pop("faults")
    certificate = given.pop("tls_cert")
    tls = tls_context(certificate, given.pop("tls_key"), example=_TLS_EXAMPLE)
    try:
        given["readings"] = parse_readings(given["readings"])
        emulator = Emulator(EmulatorSettings(**given), [parse_fault(fault) for fault in faults])
    except FaultArgumentError as error:
        raise SettingError(str(error), example="rollcall emulate --faults") from error
    except ValueError as error:
        raise SettingError(str(error)) from error
    try:
        signals.run(_serve(emulator, host, port, tls, certificate))
    except OSError as error:
        raise SettingError(
            f"cannot listen on {host}:{port}: {error.strerror or error}", example="rollcall emulate --port 0"
        ) from error
    return 0


async def _serve(emulator: Emulator, host: str, port: int, tls: ssl.SSLContext | None, certificate: str | None) -> None:
    with signals.stopping() as stopped:
        async with emulator.running(host, port, tls=tls) as address:
            # A certificate is for the name that was typed, not for the address behind it.
            _introduce(replace(address, host=host) if tls else address, emulator, certificate)
            await stopped.wait()


def _introduce(address: Address, emulator: Emulator, certificate: str | None) -> None:
    """Print the settings as shell exports to paste."""
    settings = emulator.settings
    click.echo(f"# {settings.agents} agents, seed {settings.seed}; faults: {address.url}/_emulator/faults")
    for name, text in emulator.environment(address.url).items():
        click.echo(f"export {name}={shlex.quote(text)}")
    if certificate:
        click.echo(f"export CXONE_CA_BUNDLE={shlex.quote(str(Path(certificate).resolve()))}")


def _list_readings() -> None:
    from cxone_rollcall.emulator import list_readings

    for reading in list_readings():
        click.echo(f"{reading.name} ({reading.kind}, {reading.shown})\n    {reading.about}")


def _list_faults() -> None:
    from cxone_rollcall.emulator import FAULTS
    from cxone_rollcall.emulator.faults import arguments

    for fault in FAULTS:
        codes = f"  {' '.join(fault.codes)}" if fault.codes else ""
        click.echo(f"{fault.name}{codes}\n    {fault.summary}")
        for argument in arguments(fault):
            click.echo(f"    {argument.name} ({argument.kind}, {argument.default}): {argument.about}")
