"""`rollcall auth logout`: the login is forgotten, wherever it was kept."""

from __future__ import annotations

import os
from typing import Any

import click

from cxone_rollcall.cli import signals, terminal
from cxone_rollcall.cli.options import settings_options


@click.command(short_help="Forget the user's login.")
@settings_options
def logout(**given: Any) -> int:
    """Forget the login that `rollcall auth login` kept for these settings; where there is none, that is said."""
    terminal.need_stdout()
    return signals.run(_logout(given))


async def _logout(given: dict[str, Any]) -> int:
    from cxone_rollcall.cli.auth.next_command import as_user, logins_of
    from cxone_rollcall.cli.target import target_of
    from cxone_rollcall.config.logins import forget, logins_path
    from cxone_rollcall.views.text import printable

    async with target_of(as_user(given)) as target:
        logins = logins_of(target)
    if logins is None:
        return 0
    whose = printable(f"client {logins.key.client_id} at {logins.key.instance}")
    places, failed = await forget(logins.key, logins_path(os.environ))
    for place in places:
        terminal.say(f"The login of {whose} was deleted from {place}.")
    if failed is not None:
        raise failed
    if not places:
        terminal.say(f"No login of {whose} was kept: nothing to do.")
    else:
        terminal.note(
            "A token that it gave is good until its end, an hour at most as a rule; nobody can renew it from here."
        )
    return 0
