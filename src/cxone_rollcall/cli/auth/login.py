"""`rollcall auth login`: a user signs in, and the login is stored."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
import webbrowser
from typing import TYPE_CHECKING, Any

import click

from cxone_rollcall.cli import signals, terminal
from cxone_rollcall.cli.options import settings_options, verbose_option
from cxone_rollcall.errors import RequestFailed, SettingError
from cxone_rollcall.findings.account import EXIT_CODES, Verdict
from cxone_rollcall.model.login import LOGIN_SECONDS, REDIRECT_PORT, STORE_KINDS, Login, redirect_address
from cxone_rollcall.model.token import Token

if TYPE_CHECKING:
    from cxone_rollcall.cli.session import Run
    from cxone_rollcall.login.attempt import LoginFailed
    from cxone_rollcall.target import Target


@click.command(short_help="Log a user in with the browser, and store the login.")
@click.option("--no-browser", is_flag=True, help="Print the address to open, and accept a pasted code.")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=REDIRECT_PORT,
    show_default=True,
    help=f"Port of the redirect address; {redirect_address()} must be registered for the client exactly.",
)
@click.option(
    "--store",
    type=click.Choice(STORE_KINDS),
    default=STORE_KINDS[0],
    show_default=True,
    help="Where to store the login: the system keyring, or a file that only you can read.",
)
@click.option(
    "--timeout",
    "patience",
    type=click.FloatRange(min=0, min_open=True, max=86400),
    default=LOGIN_SECONDS,
    show_default=True,
    help="Seconds to wait for the sign-in.",
)
@settings_options
@verbose_option
def login(**given: Any) -> int:
    """Log a user in with the browser, and store the login. Later runs need no browser.

    The client needs the grant authorization_code and the redirect address http://127.0.0.1:8765/callback.
    """
    from cxone_rollcall.cli.auth.next_command import USER_GRANT

    terminal.need_stdout()
    if (given["grant_type"] or USER_GRANT) != USER_GRANT:
        raise SettingError(f"auth login is for the grant {USER_GRANT}: leave --grant-type out")
    return signals.run(_login(given))


async def _login(given: dict[str, Any]) -> int:
    from cxone_rollcall.cli import session
    from cxone_rollcall.cli.auth.next_command import as_user

    async with session.opened(as_user(given)) as run:
        code, ending = await session.run_limited(sign_in(run, given), seconds=None)
    if code is None or ending.interrupted:
        terminal.note(f"interrupted; no login was stored. To start again: {_again(given)}")
        return EXIT_CODES[Verdict.INTERRUPTED]
    return code


async def sign_in(run: Run, given: dict[str, Any]) -> int:
    """Log the user in, store the login, print it. Returns the exit code."""
    from cxone_rollcall.cli import session
    from cxone_rollcall.cli.auth.claims import claims_of, end, life, print_lines, user_of, who
    from cxone_rollcall.config.logins import keep, logins_path, note_latest, store_for
    from cxone_rollcall.login.attempt import Attempt, LoginFailed
    from cxone_rollcall.login.flow import log_in

    logins = run.target.logins
    if logins is None:
        raise SettingError("auth login needs the settings of a tenant", example=_again(given))
    path = logins_path(os.environ)
    await asyncio.to_thread(store_for, logins.key, path, given["store"])  # fails before the sign-in, not after it
    try:
        token = await log_in(
            run.client,
            Attempt.begin(secrets.token_bytes),
            open_browser=None if given["no_browser"] else _open_browser,
            paste=_pasted_line if sys.stdin is not None and sys.stdin.isatty() else None,
            announce=terminal.note,
            port=given["port"],
            timeout=given["patience"],
        )
    except RequestFailed as failed:
        run.ledger.fail(failed.failure)
        return end(None, run.account(await run.run_probes(), session.Ending())) or EXIT_CODES[Verdict.CANNOT_TELL]
    except LoginFailed as failed:
        return _failed(failed, given)
    claims = claims_of(token)
    if (code := _not_stored(token, claims, run, given)) is not None:
        return code
    assert token.refresh_token is not None  # noqa: S101  seen above
    store = await keep(
        Login(
            refresh_token=token.refresh_token,
            instance=logins.key.instance,
            client_id=logins.key.client_id,
            contract=run.client.contract.name,
            tenant_id=_text(claims.get("tenantId")) or run.target.tenant_id,
            user=user_of(claims),
            granted_at=token.granted_at,
            scopes=None if token.scopes is None else tuple(sorted(token.scopes)),
        ),
        path,
        given["store"],
    )
    key = logins.key
    instance = None if key.instance.startswith("tenant:") else key.instance
    note_latest({"instance": instance, "tenant_id": run.target.tenant_id, "client_id": key.client_id}, path)
    print_lines(who(claims))
    print_lines(iter((("token", life(token)), ("stored in", await asyncio.to_thread(lambda: store.place)))))
    _say_what_next(given, run.target)
    return 0


def _failed(failed: LoginFailed, given: dict[str, Any]) -> int:
    """Print why the login failed, and the next command. Returns the exit code."""
    from cxone_rollcall.login.attempt import LoginDenied, LoginTimedOut

    terminal.note(f"rollcall: {failed}; no user was logged in")
    if isinstance(failed, LoginDenied) and failed.error == "invalid_request":
        terminal.note(f"  register this redirect address for the client: {redirect_address(given['port'])}")
    terminal.note(f"  {_again(given)}")
    return EXIT_CODES[Verdict.CANNOT_TELL] if isinstance(failed, LoginTimedOut) else EXIT_CODES[Verdict.REFUSED]


def _not_stored(token: Token, claims: dict[str, object], run: Run, given: dict[str, Any]) -> int | None:
    """Print why a login is not stored. Returns the exit code, or None if it may be stored."""
    from cxone_rollcall.views.text import printable

    ours, theirs = run.target.tenant_id, _text(claims.get("tenantId"))
    if ours and theirs and ours.casefold() != theirs.casefold():
        source = (run.target.sources or {}).get("tenant_id", "settings")
        terminal.note(
            f"rollcall: the user signed in to the tenant {printable(theirs)}, but CXONE_TENANT_ID ({source}) is"
            f" {printable(ours)} (RC206); the login was not stored. Sign in to that tenant, or correct the setting:"
        )
        terminal.note(f"  {_again(given, tenant_id=theirs)}")
        return EXIT_CODES[Verdict.REFUSED]
    if token.refresh_token is None:
        terminal.note(
            "rollcall: the user signed in, but the tenant granted no refresh token, so there is no login to store."
            " Allow the client the grant refresh_token, then log in again:"
        )
        terminal.note(f"  {_again(given)}")
        return EXIT_CODES[Verdict.REFUSED]
    return None


def _again(given: dict[str, Any], **more: str) -> str:
    """The command to log in again, with the same options."""
    from cxone_rollcall.cli.auth.next_command import again

    options = ["--no-browser"] if given["no_browser"] else []
    options += ["--store", given["store"]] if given["store"] != STORE_KINDS[0] else []
    options += ["--port", str(given["port"])] if given["port"] != REDIRECT_PORT else []
    return again("auth login", given, *options, **more)


def _say_what_next(given: dict[str, Any], target: Target) -> None:
    from cxone_rollcall.cli.auth.next_command import USER_GRANT, again
    from cxone_rollcall.config.definitions import BY_NAME
    from cxone_rollcall.model.shell import quoted

    set_here = (target.sources or {}).keys()
    if not {"client_secret", "access_key_id"} & set_here:
        terminal.note(f"next: {again('check', {**given, 'grant_type': None})}")
        named = [name for name in ("instance", "tenant_id", "client_id") if given.get(name)]
        lines = [f"{BY_NAME[name].variable}={quoted(given[name])}" for name in named]
        if lines:
            terminal.note("\n  ".join(("To leave the options out, put into .env:", *lines)))
        return
    terminal.note(f"next: {again('check', given, grant_type=USER_GRANT)}")
    if target.profile:
        terminal.note(f'To leave --grant-type out, put into [profiles.{target.profile}]: grant_type = "{USER_GRANT}"')
    else:
        terminal.note(f"To leave --grant-type out, put into .env: CXONE_GRANT_TYPE={USER_GRANT}")


def _text(value: object) -> str | None:
    return str(value) if value else None


def _open_browser(address: str) -> bool:
    """Open a browser without our secrets in its environment. It outlives us and starts other programs."""
    from cxone_rollcall.config.definitions import SETTINGS

    names = [one.variable for one in SETTINGS if one.secret and one.variable in os.environ]
    kept = {name: os.environ.pop(name) for name in names}
    try:
        return webbrowser.open(address)
    finally:
        os.environ.update(kept)


def _pasted_line() -> str:
    """Wait for a line on stdin; returns "" at its end.

    Bypasses `sys.stdin`: a thread that waits inside its buffer would block the interpreter's exit.
    """
    data = b""
    while not data.endswith(b"\n"):
        part = os.read(sys.stdin.fileno(), 65536)
        if not part:
            break
        data += part
    return data.decode("utf-8", "replace")
