"""`rollcall auth logout`: deletes the stored login."""

from __future__ import annotations

import os
from typing import Any

import click

from cxone_rollcall.cli import signals, terminal
from cxone_rollcall.cli.options import settings_options


@click.command(short_help="Delete the stored login.")
@settings_options
def logout(**given: Any) -> int:
    """Delete the login that `rollcall auth login` stored for these settings."""
    terminal.need_stdout()
    return signals.run(_logout(given))


async def _logout(given: dict[str, Any]) -> int:
    from cxone_rollcall.cli.auth.next_command import as_user
    from cxone_rollcall.cli.target import target_of
    from cxone_rollcall.config.logins import forget, logins_path
    from cxone_rollcall.views.text import printable

    async with target_of(as_user(given)) as target:
        logins = target.logins
    assert logins is not None  # noqa: S101  the grant has a store
    whose = printable(f"client {logins.key.client_id} at {logins.key.instance}")
    places, failed = await forget(logins.key, logins_path(os.environ))
    for place in places:
        terminal.say(f"The login of {whose} was deleted from {place}.")
    if failed is not None:
        raise failed
    if not places:
        terminal.say(f"There is no stored login of {whose}: nothing to do.")
    else:
        terminal.note("Its current token stays valid until it expires, usually within an hour, and cannot be renewed.")
    return 0
