"""`rollcall auth login`: a user signs in, and the login is kept for later runs."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
import webbrowser
from typing import TYPE_CHECKING, Any, Protocol

import click

from cxone_rollcall.cli import signals, terminal
from cxone_rollcall.cli.options import settings_options, verbose_option
from cxone_rollcall.errors import RequestFailed, SettingError
from cxone_rollcall.findings.account import EXIT_CODES, Verdict
from cxone_rollcall.model.login import LOGIN_SECONDS, REDIRECT_PORT, STORE_KINDS, Login, redirect_address

if TYPE_CHECKING:
    from cxone_rollcall.cli.session import Ending
    from cxone_rollcall.cli.target import Target
    from cxone_rollcall.findings.account import Account
    from cxone_rollcall.findings.case import Case
    from cxone_rollcall.login import LoginClient, LoginFailed
    from cxone_rollcall.model.token import Token
    from cxone_rollcall.roll import Ledger


class OpenRun(Protocol):
    """What a login needs of a run (`session.opened`)."""

    @property
    def target(self) -> Target:
        """Whom to ask."""

    @property
    def client(self) -> LoginClient:
        """Whom to ask it of."""

    @property
    def ledger(self) -> Ledger:
        """Where a failure is written down, so that a finding can name it."""

    async def run_probes(self) -> Case:
        """Ask what open checks still need."""

    def account(self, case: Case | None, ending: Ending) -> Account:
        """Draw the account; its tenant has the contract that is spoken."""


@click.command(short_help="Log a user in with the browser, and keep the login.")
@click.option("--no-browser", is_flag=True, help="Print the address instead of opening it; take a pasted code.")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=REDIRECT_PORT,
    show_default=True,
    help=f"Of the redirect address, which is {redirect_address()} and must be registered to the letter.",
)
@click.option(
    "--store",
    type=click.Choice(STORE_KINDS),
    default=STORE_KINDS[0],
    show_default=True,
    help="Where the login is kept: the system's keyring, or a file that only you may read.",
)
@click.option(
    "--timeout",
    "patience",
    type=click.FloatRange(min=0, min_open=True, max=86400),
    default=LOGIN_SECONDS,
    show_default=True,
    help="Seconds to wait for the user.",
)
@settings_options
@verbose_option
def login(**given: Any) -> int:
    """Log a user in with the browser, and keep the login, so that later runs need no browser.

    The client must have the grant authorization_code and the redirect address http://127.0.0.1:8765/callback.
    """
    from cxone_rollcall.cli.auth.next_command import USER_GRANT

    terminal.need_stdout()
    if (given["grant_type"] or USER_GRANT) != USER_GRANT:
        raise SettingError(f"auth login is for the grant {USER_GRANT}: leave --grant-type out")
    return signals.run(_login(given))


async def _login(given: dict[str, Any]) -> int:
    from cxone_rollcall.cli import session
    from cxone_rollcall.cli.auth.next_command import as_user

    codes: list[int] = []
    async with session.opened(as_user(given)) as run:

        async def work() -> None:
            codes.append(await sign_in(run, given))

        ending = await session.run_limited(work(), seconds=None)
    if ending.interrupted:
        terminal.note(f"interrupted; no login was kept. To start again: {_again(given)}")
        return EXIT_CODES[Verdict.INTERRUPTED]
    return codes[0]


async def sign_in(run: OpenRun, given: dict[str, Any]) -> int:
    """Log the user in, keep the login, say so; returns the exit code."""
    from cxone_rollcall.cli.auth.claims import claims_of, end, life, print_lines, user_of, who
    from cxone_rollcall.cli.auth.next_command import logins_of
    from cxone_rollcall.cli.session import Ending
    from cxone_rollcall.config.logins import keep, logins_path, store_for
    from cxone_rollcall.login import Attempt, LoginFailed, log_in

    logins = logins_of(run.target)
    if logins is None:
        raise SettingError("auth login needs the settings of a tenant", example=_again(given))
    path = logins_path(os.environ)
    await asyncio.to_thread(store_for, logins.key, path, given["store"])  # it fails now, not after the sign-in
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
        return end(None, run.account(await run.run_probes(), Ending())) or EXIT_CODES[Verdict.CANNOT_TELL]
    except LoginFailed as failed:
        return _failed(failed, given)
    claims = claims_of(token)
    if (code := _not_kept(token, claims, run, given)) is not None:
        return code
    assert token.refresh_token is not None  # noqa: S101  seen above
    store = await keep(
        Login(
            refresh_token=token.refresh_token,
            instance=logins.key.instance,
            client_id=logins.key.client_id,
            contract=run.account(None, Ending()).tenant.contract,
            tenant_id=_text(claims.get("tenantId")) or run.target.tenant_id,
            user=user_of(claims),
            granted_at=token.granted_at,
            scopes=None if token.scopes is None else tuple(sorted(token.scopes)),
        ),
        path,
        given["store"],
    )
    print_lines(who(claims))
    print_lines(iter((("token", life(token)), ("kept in", await asyncio.to_thread(lambda: store.place)))))
    _say_what_next(given, run.target.profile)
    return 0


def _failed(failed: LoginFailed, given: dict[str, Any]) -> int:
    """Say why there is no login, and what to type."""
    from cxone_rollcall.login import LoginDenied, LoginTimedOut

    terminal.note(f"rollcall: {failed}; nobody was logged in")
    if isinstance(failed, LoginDenied) and failed.error == "invalid_request":
        terminal.note(f"  register this redirect address for the client: {redirect_address(given['port'])}")
    terminal.note(f"  {_again(given)}")
    return EXIT_CODES[Verdict.CANNOT_TELL] if isinstance(failed, LoginTimedOut) else EXIT_CODES[Verdict.REFUSED]


def _not_kept(token: Token, claims: dict[str, object], run: OpenRun, given: dict[str, Any]) -> int | None:
    """Say why this token's login is not kept, and return the exit code; None where it may be."""
    from cxone_rollcall.views.text import printable

    ours, theirs = run.target.tenant_id, _text(claims.get("tenantId"))
    if ours and theirs and ours.casefold() != theirs.casefold():
        source = (run.target.sources or {}).get("tenant_id", "settings")
        terminal.note(
            f"rollcall: the user signed in to the tenant {printable(theirs)}, and CXONE_TENANT_ID ({source}) pins"
            f" {printable(ours)} (RC206); the login was not kept. Sign in to the pinned tenant, or correct the setting:"
        )
        terminal.note(f"  {_again(given, tenant_id=theirs)}")
        return EXIT_CODES[Verdict.REFUSED]
    if token.refresh_token is None:
        terminal.note(
            "rollcall: the user has signed in, but the tenant gave no refresh token, so that there is nothing to keep."
            " Allow the client refresh tokens (the grant refresh_token), then log in again:"
        )
        terminal.note(f"  {_again(given)}")
        return EXIT_CODES[Verdict.REFUSED]
    return None


def _again(given: dict[str, Any], **more: str) -> str:
    """Return the command to log in again, as it was typed."""
    from cxone_rollcall.cli.auth.next_command import again

    options = ["--no-browser"] if given["no_browser"] else []
    options += ["--store", given["store"]] if given["store"] != STORE_KINDS[0] else []
    options += ["--port", str(given["port"])] if given["port"] != REDIRECT_PORT else []
    return again("auth login", given, *options, **more)


def _say_what_next(given: dict[str, Any], profile: str | None) -> None:
    from cxone_rollcall.cli.auth.next_command import USER_GRANT, again

    terminal.note(f"next: {again('check', given, grant_type=USER_GRANT)}")
    if profile:
        terminal.note(f'To leave --grant-type out, put into [profiles.{profile}]: grant_type = "{USER_GRANT}"')
    else:
        terminal.note(f"To leave --grant-type out, put into .env: CXONE_GRANT_TYPE={USER_GRANT}")


def _text(value: object) -> str | None:
    return str(value) if value else None


def _open_browser(address: str) -> bool:
    """Open a browser, whose environment has what ours has but for the secrets: it goes on after us, and tells others.

    Nobody reads them here meanwhile: the settings are known.
    """
    from cxone_rollcall.config import SETTINGS

    names = [one.variable for one in SETTINGS if one.secret and one.variable in os.environ]
    kept = {name: os.environ.pop(name) for name in names}
    try:
        return webbrowser.open(address)
    finally:
        os.environ.update(kept)


def _pasted_line() -> str:
    """Wait for a line on stdin; "" at its end.

    Read below Python's buffer: a thread that still waits within it keeps the interpreter from ending.
    """
    data = b""
    while not data.endswith(b"\n"):
        part = os.read(sys.stdin.fileno(), 65536)
        if not part:
            break
        data += part
    return data.decode("utf-8", "replace")
