"""`rollcall auth`: which identity, scopes and life the token has. A secret is never printed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from rollcall.cli import io
from rollcall.cli.options import demo_options, settings_options, timeout_option, verbose_option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollcall.cli.target import Target
    from rollcall.findings.account import Account
    from rollcall.model.token import Token


@click.group()
def command() -> None:
    """Which identity, scopes and life the token has; never prints a secret."""


@command.command(short_help="Say who we are to the API, and for how long.")
@demo_options
@timeout_option
@settings_options
@verbose_option
def status(**given: Any) -> int:
    """Say who we are to the API: where each setting came from, which scopes were granted, how long they last."""
    from rollcall.cli import session

    io.need_stdout()
    target, token, account = asyncio.run(session.fetch_token(given))
    for name, value in _status(target, token):
        io.say(f"{name:14} {value}")
    return _end(token, account)


@command.command(short_help="Print the token's claims, scopes and life.")
@demo_options
@timeout_option
@settings_options
@verbose_option
def token(**given: Any) -> int:
    """Print the token's claims, scopes and life as JSON; the token itself is not printed."""
    from rollcall.cli import session
    from rollcall.views import json

    io.need_stdout()
    _, granted, account = asyncio.run(session.fetch_token(given))
    if granted is not None:
        click.echo(json.indented(_described(granted)), nl=False)
    return _end(granted, account)


def _status(target: Target, token: Token | None) -> Iterator[tuple[str, str]]:
    from rollcall.views.text import printable

    yield "instance", target.shown
    yield "grant", target.credentials.grant_type
    yield "client", printable(target.credentials.client_id or "none")
    if target.profile:
        yield "profile", target.profile
    for name, source in (target.sources or {}).items():
        if source != "default":
            yield "from", f"{name}: {source}"
    if token is None:
        yield "token", "none"
        return
    yield "token", f"granted, {_life(token)}"
    scopes = "not said by the token" if token.scopes is None else " ".join(sorted(token.scopes)) or "none"
    yield "scopes", printable(scopes)
    for name in ("sub", "name", "tenantId", "tenant", "icBUId", "userId", "iss"):
        if name in token.claims:
            yield name, printable(str(token.claims[name]))


def _described(token: Token) -> dict[str, object]:
    return {
        "token_type": token.token_type,
        "granted_at": _moment(token.granted_at),
        "expires_at": None if token.expires_at is None else _moment(token.expires_at),
        "expires_in": None if token.expires_at is None else round(token.expires_at - token.granted_at),
        "scopes": None if token.scopes is None else sorted(token.scopes),
        "claims": dict(token.claims),
    }


def _life(token: Token) -> str:
    if token.expires_at is None:
        return "its life is not said"
    return f"good for {token.expires_at - token.granted_at:.0f} s, until {_moment(token.expires_at)}"


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _end(token: Token | None, account: Account) -> int:
    if token is not None:
        return 0
    from rollcall.views import account as view

    io.note(view.summary(account))
    return account.exit_code
