"""`rollcall auth token`: the token's claims, scopes and expiry as JSON."""

from __future__ import annotations

from typing import Any

import click

from cxone_rollcall.cli import signals, terminal
from cxone_rollcall.cli.options import demo_options, settings_options, timeout_option, verbose_option
from cxone_rollcall.model.timestamp import format_timestamp
from cxone_rollcall.model.token import Token


@click.command(short_help="Print the token's claims, scopes and expiry.")
@demo_options
@timeout_option
@settings_options
@verbose_option
def token(**given: Any) -> int:
    """Print the token's claims, scopes and expiry as JSON. The token itself is not printed."""
    from cxone_rollcall.cli import session
    from cxone_rollcall.cli.auth.claims import end
    from cxone_rollcall.views import json

    terminal.need_stdout()
    _, granted, account = signals.run(session.fetch_token(given))
    if granted is not None:
        click.echo(json.indented(_described(granted)), nl=False)
    return end(granted, account)


def _described(token: Token) -> dict[str, object]:
    return {
        "token_type": token.token_type,
        "granted_at": format_timestamp(token.granted_at, "seconds"),
        "expires_at": None if token.expires_at is None else format_timestamp(token.expires_at, "seconds"),
        "expires_in": None if token.expires_at is None else round(token.expires_at - token.granted_at),
        "scopes": None if token.scopes is None else sorted(token.scopes),
        "claims": dict(token.claims),
    }
