"""`rollcall mcp`: the same questions for assistants, read-only."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cxone_rollcall.cli import signals, terminal
from cxone_rollcall.cli.address import address_of
from cxone_rollcall.cli.options import demo_options, not_blank, settings_options, tz_option, verbose_option
from cxone_rollcall.cli.target import target_of
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.shell import pip_install

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from cxone_rollcall.assistants.tools import Asking

_SDK = ("mcp", "mcp_types", "uvicorn", "anyio")
_LISTEN = "rollcall mcp --listen 127.0.0.1:8765"


@click.command()
@click.option(
    "--listen",
    metavar="HOST:PORT",
    callback=not_blank,
    help="Serve over HTTP at this address of this machine, instead of stdin and stdout. Port 0: any free.",
)
@click.option("--names", is_flag=True, help="Give names, user names and e-mails, too; default: only ids.")
@click.option(
    "--history",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The history file of the tenant, for agent_today.",
)
@tz_option
@demo_options
@settings_options
@verbose_option
def command(**given: Any) -> int:
    """Let an assistant ask who is logged in and who is missing.

    An assistant starts this command, and asks on its stdin (Model Context Protocol). It can only read. It
    calls the roll at most once a minute, and asks about at most four single agents a minute.
    """
    address = None if given["listen"] is None else _loopback(given["listen"])
    zone = _checked(given["history"], given["tz"])
    _need_sdk()
    signals.run(_serve(given, address, zone))
    return 0


async def _serve(given: dict[str, Any], address: tuple[str, int] | None, zone: ZoneInfo) -> None:
    from cxone_rollcall.assistants.server import serving_http
    from cxone_rollcall.assistants.tenant import AskedTenant
    from cxone_rollcall.assistants.tools import Asking
    from cxone_rollcall.live.groups import Groups

    async with (
        target_of(given, living=True) as target,
        target.connect(bodies=given["verbose"] > 1, watcher=terminal.watcher(given["verbose"])) as client,
    ):
        title = target.title
        tenant = AskedTenant(client, title, Groups(target.groups), names=given["names"], clock=time.monotonic)
        asking = Asking(tenant=tenant, history=given["history"], zone=zone, now=time.time)
        try:
            if address is None:
                await _until_closed(asking, title)
            else:
                async with serving_http(asking, terminal.note, host=address[0], port=address[1]) as url:
                    terminal.note(f"serving {title} to assistants at {url} (Ctrl-C ends)")
                    with signals.stopping() as stopped:
                        await stopped.wait()
        finally:
            await tenant.close()


async def _until_closed(asking: Asking, title: str) -> None:
    """Serve on stdin and stdout until stdin or a signal ends it."""
    from cxone_rollcall.assistants.server import serve_stdio

    if sys.stdin.isatty():
        terminal.note(
            f"an assistant starts this command, and asks about {title} on its stdin: docs/assistants.md (Ctrl-C ends)"
        )
    with signals.stopping() as stopped:
        await signals.until(stopped, serve_stdio(asking, terminal.note))


def _loopback(text: str) -> tuple[str, int]:
    """Host and port of an address that only this machine reaches."""
    from cxone_rollcall.model.host import is_loopback

    host, port = address_of(text, example=_LISTEN)
    if not is_loopback(host.casefold()):
        raise SettingError(
            f"{host} can be reached from other machines, and the server for assistants asks for no token: listen on"
            " 127.0.0.1",
            example=_LISTEN,
        )
    return host, port


def _checked(history: Path | None, zone: str | None) -> ZoneInfo:
    """The zone of a day. Raises `SettingError` or `HistoryError` now, not when an assistant asks."""
    from zoneinfo import ZoneInfo

    if history is None:
        if zone is not None:
            raise SettingError("--tz is about a history: set --history", example="rollcall mcp --history history.db")
        return ZoneInfo("UTC")
    from cxone_rollcall.history.reading import reading
    from cxone_rollcall.reports.zones import zone_of

    with reading(history):
        return zone_of(zone)


def _need_sdk() -> None:
    """Raise `SettingError` if the SDK is not installed, or too old."""
    try:
        import cxone_rollcall.assistants.server  # noqa: F401  an extra, which takes 0.7 s to load
    except ImportError as error:
        if str(error.name).partition(".")[0] not in _SDK:
            raise
        raise SettingError(
            "assistants need the SDK of the Model Context Protocol, mcp 2.3 or newer, which is an extra: install it",
            example=pip_install("mcp>=2.3"),
        ) from None
