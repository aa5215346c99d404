"""`rollcall serve`: the board for browsers, programs and Prometheus."""

from __future__ import annotations

import os
import socket
from contextlib import AsyncExitStack
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click
from click.core import ParameterSource

from cxone_rollcall.cli import signals, terminal
from cxone_rollcall.cli.address import address_of
from cxone_rollcall.cli.alerting import alerting, alerts_option
from cxone_rollcall.cli.fleet.options import zone_option
from cxone_rollcall.cli.options import (
    demo_options,
    interval_option,
    recording_options,
    settings_options_of_tenants,
    verbose_option,
)
from cxone_rollcall.cli.target import target_of
from cxone_rollcall.cli.tls import tls_context
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.secret import Secret

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from cxone_rollcall.client import Client
    from cxone_rollcall.model.exchange import Exchange
    from cxone_rollcall.target import Target
    from cxone_rollcall.web.archive import Archive
    from cxone_rollcall.web.server import Source

TOKEN_VARIABLE = "ROLLCALL_SERVE_TOKEN"  # noqa: S105  the variable's name
_NEW_TOKEN = "openssl rand -base64 24 > serve.token; chmod 600 serve.token"  # noqa: S105  a command

OF_A_FLEET = frozenset(
    (
        *("fleet", "zone", "listen", "token_file", "anonymous", "hosts", "base_path", "proxies", "tls_cert", "tls_key"),
        *("alerts", "history"),
    )
)
"""The options that --fleet may have beside it."""

_HISTORY_EXAMPLE = "rollcall serve --profile acme --profile globex --history 'history-{profile}.db'"
_TLS_EXAMPLE = "rollcall serve --tls-cert cert.pem --tls-key key.pem"


@click.command()
@click.option("--listen", default="127.0.0.1:8080", show_default=True, metavar="HOST:PORT", help="Port 0: any free.")
@interval_option
@click.option("--fleet", metavar="URL,...", help="Show the tenants that a fleet polls; these are its engine's nodes.")
@zone_option
@click.option(
    "--token-file", metavar="FILE", help=f"Readers need this token. Or set {TOKEN_VARIABLE} or {TOKEN_VARIABLE}_FILE."
)
@click.option("--anonymous", is_flag=True, help="Show initials and ids only, no names.")
@click.option("--host", "hosts", multiple=True, metavar="NAME", help="Also answer to this host name. May be repeated.")
@click.option("--base-path", default="", metavar="PATH", help="Serve below this path, behind a proxy.")
@click.option("--trusted-proxy", "proxies", multiple=True, metavar="IP", help="Believe X-Forwarded-* of this address.")
@click.option("--tls-cert", metavar="FILE", help="Serve https with this PEM certificate; needs --tls-key.")
@click.option("--tls-key", metavar="FILE", help="Its PEM key, without a password.")
@click.option(
    "--history",
    metavar="FILE",
    help="Record the history in this file, and show each agent's day. With --fleet: the folder of rollcall fleet sink.",
)
@recording_options
@alerts_option
@demo_options
@settings_options_of_tenants
@verbose_option
def command(**given: Any) -> int:
    """Serve the board to browsers until Ctrl-C.

    It shows who is in which state, how old the data is, and what is unknown. Several --profile serve several tenants,
    and --fleet all those of a fleet.
    """
    _check_fleet(given)
    host, port = address_of(given["listen"], example="--listen 127.0.0.1:8080")
    token = _token(given["token_file"])
    from cxone_rollcall.web.auth import is_loopback

    if token is None and not is_loopback(host):
        raise SettingError(
            f"{host} can be reached from other machines, and nobody would be asked for a token: set --token-file or"
            f" {TOKEN_VARIABLE}, or listen on 127.0.0.1",
            example=_NEW_TOKEN,
        )
    proxies = [_ip(text) for text in given["proxies"]]
    tls = tls_context(given["tls_cert"], given["tls_key"], example=_TLS_EXAMPLE)
    signals.run(_serve(given, host, port, token, proxies, _base_path(given["base_path"]), tls))
    return 0


async def _serve(
    given: dict[str, Any],
    host: str,
    port: int,
    token: Secret | None,
    proxies: list[str],
    base_path: str,
    tls: ssl.SSLContext | None,
) -> None:
    from cxone_rollcall.cli.fleet.serve import feed_of
    from cxone_rollcall.web.auth import Access
    from cxone_rollcall.web.guard import Guard
    from cxone_rollcall.web.server import Source, serving

    names = (*given["hosts"], host, socket.gethostname())
    guard = Guard(Access(token, names=names), base_path=base_path, proxies=proxies)
    with signals.stopping() as stopped:
        async with AsyncExitStack() as stack:
            sources, feed = list[Source](), None
            if given["fleet"] is None:
                sources = [await _source(stack, given, profile) for profile in _profiles(given)]
                shown = ", ".join(one.tenant.title for one in sources)
            else:
                feed = await feed_of(stack, given)
                shown = f"the fleet's zone {given['zone']}"
            serving_at = serving(sources, guard, host=host, port=port, tls=tls, complain=terminal.note, feed=feed)
            url = await stack.enter_async_context(serving_at)
            terminal.note(f"serving {shown} at {url} (Ctrl-C ends)")
            await stopped.wait()


async def _source(stack: AsyncExitStack, given: dict[str, Any], profile: str | None) -> Source:
    """A tenant of the settings or an emulated one. It lives as long as the stack."""
    from cxone_rollcall.live.groups import Groups
    from cxone_rollcall.web.server import Source
    from cxone_rollcall.web.tenant import Tenant

    target = await stack.enter_async_context(target_of({**given, "profile": profile}, living=True))
    several = len(given["profile"]) > 1
    if several and target.title != profile:
        source = (target.sources or {}).get("instance", "the settings")
        raise SettingError(
            f"the instance ({source}) would be that of every profile: set it in each profile of config.toml",
            example="unset CXONE_INSTANCE" if source == "environment" else "",
        )
    log = terminal.watcher(given["verbose"])

    def connect(count: Callable[[Exchange], None]) -> AbstractAsyncContextManager[Client]:
        def watch(exchange: Exchange) -> None:
            count(exchange)
            if log is not None:
                log(exchange)

        return target.connect(bodies=given["verbose"] > 1, watcher=watch)

    desk = await stack.enter_async_context(alerting(given, target, command="serve", complain=terminal.note))
    archive = _archive(stack, given, target, profile)
    tenant = Tenant(
        profile if profile and several else "",
        target.title,
        interval=given["interval"],
        anonymous=given["anonymous"],
        desk=desk,
        archive=archive,
    )
    return Source(tenant=tenant, connect=connect, groups=Groups(target.groups))


def _archive(stack: AsyncExitStack, given: dict[str, Any], target: Target, profile: str | None) -> Archive | None:
    """The history of a tenant while the stack lives; None without `--history`."""
    if given["history"] is None:
        return None
    from cxone_rollcall.history.reading import reading
    from cxone_rollcall.history.recording import Recording
    from cxone_rollcall.history.store import writing
    from cxone_rollcall.web.archive import Archive, Threads

    path = Path(given["history"].replace("{profile}", quote(profile or target.profile or "default", safe="")))
    store = stack.enter_context(writing(path, tenant=target.title))
    threads = Threads()
    stack.callback(threads.close)
    recording = Recording(store, terminal.note, keep=given["keep"])
    return Archive(partial(reading, path), threads, recording, backfill=given["backfill"])


def _check_fleet(given: dict[str, Any]) -> None:
    """Raise SettingError for options that do not go with --fleet."""
    context = click.get_current_context()
    set_ = {one for one in context.params if context.get_parameter_source(one) is ParameterSource.COMMANDLINE}
    if given["fleet"] is None:
        if "zone" in set_:
            raise SettingError(
                "--zone is that of a fleet: set --fleet", example="--fleet nats://127.0.0.1:4222 --zone eu"
            )
        return
    own = [one for one in context.command.params if one.name in set_ - OF_A_FLEET]
    if own:
        raise SettingError(
            f"{own[0].opts[-1]} is for tenants that this command polls itself: workers poll those of --fleet",
            example="rollcall serve --fleet nats://127.0.0.1:4222 --zone eu",
        )


def _profiles(given: dict[str, Any]) -> list[str | None]:
    profiles: tuple[str, ...] = given["profile"]
    if len(set(profiles)) < len(profiles):
        raise SettingError("--profile names the same profile twice")
    if len(profiles) > 1 and given["demo"]:
        raise SettingError("--demo serves one emulated tenant: leave --profile out")
    if len(profiles) > 1 and given["instance"]:
        raise SettingError("--instance would be that of every profile: set it in each profile of config.toml")
    if given["history"] is None and (given["backfill"] or given["keep"]):
        raise SettingError("--backfill and --keep are about a history: set --history", example="--history history.db")
    if len(profiles) > 1 and given["history"] is not None and "{profile}" not in given["history"]:
        raise SettingError(
            "--history would be one file for several tenants: each needs its own, so put {profile} into its name",
            example=_HISTORY_EXAMPLE,
        )
    return list(profiles) or [None]


def _token(file: str | None) -> Secret | None:
    """The token of the file or the environment; None without one."""
    from cxone_rollcall.config.read_file import read_file
    from cxone_rollcall.config.secret_files import secret_of_file
    from cxone_rollcall.web.auth import SHORTEST_TOKEN

    where, text = TOKEN_VARIABLE, os.environ.get(TOKEN_VARIABLE)
    if file is None and f"{TOKEN_VARIABLE}_FILE" in os.environ:
        where, text = f"{TOKEN_VARIABLE}_FILE", secret_of_file(TOKEN_VARIABLE, os.environ, Path()) or ""
    elif file is not None:
        where = f"--token-file {file}"
        try:
            text = read_file(Path(file), named=where)[0].decode()
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is not text"
            raise SettingError(f"{where} cannot be read: {why}", example=_NEW_TOKEN) from error
    if text is None:
        return None
    token = text.strip()
    if len(token) < SHORTEST_TOKEN or not token.isprintable() or " " in token:
        raise SettingError(
            f"{where}: a token has at least {SHORTEST_TOKEN} characters and no blanks", example=_NEW_TOKEN
        )
    return Secret(token)


def _ip(text: str) -> str:
    try:
        return str(ip_address(text.strip()))
    except ValueError:
        raise SettingError(
            f"--trusted-proxy must be an IP address, not {text!r}", example="--trusted-proxy 127.0.0.1"
        ) from None


def _base_path(text: str) -> str:
    path = text.strip().rstrip("/")
    if path and (not path.startswith("/") or "//" in path or not path.isascii() or set(path) & set(" ?#{}%\\<>\"'")):
        raise SettingError(f"--base-path must be like /rollcall, not {text!r}", example="--base-path /rollcall")
    return path
