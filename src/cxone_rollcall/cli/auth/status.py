"""`rollcall auth status`: identity, scopes, token expiry, and what to fix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from cxone_rollcall.cli import signals, terminal
from cxone_rollcall.cli.options import demo_options, settings_options, timeout_option, verbose_option
from cxone_rollcall.findings.account import Account
from cxone_rollcall.model.login import Login
from cxone_rollcall.model.timestamp import format_timestamp
from cxone_rollcall.model.token import Token

if TYPE_CHECKING:
    from cxone_rollcall.target import Target

LONGEST_SCOPES = 2_000
"""Cells of the list of scopes; `auth token` shows all."""


@click.command(short_help="Show the current identity and token expiry.")
@demo_options
@timeout_option
@settings_options
@verbose_option
def status(**given: Any) -> int:
    """Show the current identity and token expiry.

    Scopes and the source of each setting are listed too. If the token does not say whose it is, the server is asked.

    The last lines say how to fix what is missing.
    """
    from cxone_rollcall.cli import session
    from cxone_rollcall.cli.auth.claims import end, print_lines

    terminal.need_stdout()
    target, token, account = signals.run(session.fetch_token(given, identify=True))
    logins = target.logins
    kept = None if logins is None else logins.load()
    print_lines(settings_lines(target, account))
    print_lines(token_lines(target, token, account, kept))
    print_lines(("fix", fix) for fix in fixes(token, account, given, login_missing=logins is not None and kept is None))
    return end(token, account)


def settings_lines(target: Target, account: Account) -> Iterator[tuple[str, str]]:
    """Yield instance, grant and client, and where each setting came from."""
    from cxone_rollcall.views.text import printable

    yield "instance", printable(target.shown)
    yield "API", account.tenant.contract
    yield "grant", target.credentials.grant_type
    yield "client", printable(target.credentials.client_id or "none")
    if target.profile:
        yield "profile", printable(target.profile)
    for name, source in (target.sources or {}).items():
        if source != "default":
            yield "from", f"{name}: {source}"


def token_lines(target: Target, token: Token | None, account: Account, kept: Login | None) -> Iterator[tuple[str, str]]:
    """Yield the identity, the scopes and the expiry of the token."""
    from cxone_rollcall.cli.auth.claims import claims_of, life, user_of, who
    from cxone_rollcall.findings.scopes import grants
    from cxone_rollcall.model.observations.base import TenantAsked
    from cxone_rollcall.views.text import brief, printable

    yield "identity", printable(_origin(target, kept))
    needed = needed_scopes(account)
    if needed:
        yield "scopes needed", " ".join(needed)
    if token is None:
        yield "token", "none"
        return
    if token.scopes is not None:
        yield "scopes granted", brief(" ".join(sorted(token.scopes)) or "none", LONGEST_SCOPES)
    elif needed:
        yield "scopes granted", "not named in the token"
    else:
        yield "scopes", "none: the token has the permissions of its user"
    missing = [scope for scope in needed if token.scopes is not None and not grants(token.scopes, scope)]
    if missing:
        yield "scopes missing", " ".join(missing)
    yield "token", f"granted, {life(token)}"
    claims = claims_of(token)
    if user_of(claims) is None:
        was_asked = account.case[TenantAsked].contract == "incontact" and not claims
        yield "user", "not named in the token" + (", and the server does not name it" if was_asked else "")
    yield from who(claims)


def needed_scopes(account: Account) -> tuple[str, ...]:
    """The scopes that roster and states need. Empty if the API has no scopes."""
    from cxone_rollcall.model.observations.base import TenantAsked

    asked = account.case[TenantAsked]
    return tuple(dict.fromkeys(scope for scope in (asked.roster_scope, asked.states_scope) if scope))


def fixes(token: Token | None, account: Account, given: Mapping[str, Any], *, login_missing: bool) -> Iterator[str]:
    """Yield the command or setting that fixes each thing that is missing."""
    from cxone_rollcall.cli.auth.next_command import USER_GRANT, again
    from cxone_rollcall.findings.finding import Strength
    from cxone_rollcall.findings.scopes import grants, has_scopes_of_this_kind
    from cxone_rollcall.model.observations.base import TenantAsked
    from cxone_rollcall.views.text import printable

    problems = [finding for finding in account.findings if finding.strength is not Strength.NOTE]
    asked = account.case[TenantAsked]
    refused = token is None and asked.grant_type == USER_GRANT and {one.code for one in problems} & {"RC203", "RC208"}
    if login_missing or refused:
        yield again("auth login", {**given, "grant_type": None})
    for finding in problems:
        if finding.code not in {"RC203", "RC208"} or not (login_missing or refused):
            yield f"{finding.code}  {printable(finding.fix_text)}"
    if token is None or token.scopes is None or not has_scopes_of_this_kind(token.scopes):
        return
    missing = [scope for scope in needed_scopes(account) if not grants(token.scopes, scope)]
    if missing:
        new = again("auth login" if asked.grant_type == USER_GRANT else "check", given)
        yield f"tick {' and '.join(missing)} in Admin > Integrations > OAuth clients, then take a new token: {new}"


def _origin(target: Target, kept: Login | None) -> str:
    """Where the token comes from."""
    credentials = target.credentials
    if credentials.grant_type == "password":
        return f"the owner of access key {credentials.access_key_id}"
    if credentials.grant_type == "client_credentials":
        return "the client itself, without a user"
    if target.logins is None or kept is None:
        return "no stored login for this client and instance"
    user = f" of {kept.user}" if kept.user else ""
    return f"the login{user} stored in {target.logins.place} since {format_timestamp(kept.granted_at, 'seconds')}"
