"""`rollcall states`: who is in which state."""

from __future__ import annotations

from collections.abc import Set
from typing import TYPE_CHECKING, Any

import click

from cxone_rollcall.cli import signals, terminal
from cxone_rollcall.cli.options import demo_options, not_blank, row_options, selection_options
from cxone_rollcall.errors import SettingError
from cxone_rollcall.findings.account import Account
from cxone_rollcall.model.roll import RollEntry, Standing
from cxone_rollcall.model.shell import quoted
from cxone_rollcall.model.state import LOGGED_IN_STATES, meant_state
from cxone_rollcall.model.wording import counted
from cxone_rollcall.views.text import printable

if TYPE_CHECKING:
    from cxone_rollcall.roll import Ledger


@click.command()
@demo_options
@selection_options
@click.option(
    "--state",
    "states",
    multiple=True,
    metavar="STATE",
    callback=not_blank,
    help="Only agents in this state. May be repeated. Whom such a filter hides: rollcall check --state.",
)
@click.option("--logged-in", is_flag=True, help="Show only agents who are logged in.")
@row_options
def command(**given: Any) -> int:
    """Show each agent's state: present agents as they arrive, then all others.

    Problems are reported on stderr; exit codes as for `rollcall check`.
    """
    from cxone_rollcall.cli import session
    from cxone_rollcall.cli.row_writers import listing
    from cxone_rollcall.roll import Selection
    from cxone_rollcall.roll.reconcile import entry_of
    from cxone_rollcall.views import account as view
    from cxone_rollcall.views.columns import COLUMNS
    from cxone_rollcall.views.table import STATES

    wanted_states = frozenset(state.casefold() for state in given["states"])

    def wanted(entry: RollEntry) -> bool:
        if given["logged_in"] and entry.logged_in is not True:
            return False
        state = entry.state.state if entry.state else None
        return not wanted_states or (state is not None and state.casefold() in wanted_states)

    retracted: Set[str] = frozenset()
    with listing(given, "agent_states", COLUMNS, STATES) as listed:

        def show(ledger: Ledger, agent_id: str) -> None:
            nonlocal retracted
            retracted = ledger.retracted
            entry = entry_of(ledger, agent_id)
            if wanted(entry):
                listed.write(entry)

        account = signals.run(session.call(given, Selection(agents=given["agents"], teams=given["teams"]), on_row=show))
        not_listed = 0
        for entry in account.roll.entries:
            shown = entry.state is not None or entry.agent.agent_id in retracted
            if shown or not wanted(entry):
                continue
            if account.ended_early and entry.standing is Standing.UNKNOWN and given["format_"] == "table":
                not_listed += 1
            else:
                listed.write(entry)
        is_part = any(given[option] for option in ("agents", "teams", "states", "logged_in"))
        listed.end(complete=account.lists_all and not is_part)
    if not_listed:
        terminal.note(f"{counted(not_listed, 'agent')} without an answer: not listed")
    if account.exit_code:
        terminal.note(view.summary(account))
    _check_states(given["states"], account)
    return account.exit_code


def _check_states(wanted: tuple[str, ...], account: Account) -> None:
    """Warn of states that no agent is in.

    SettingError for one that is misspelt, if nothing else is wrong with the run.
    """
    states = (entry.state.state for entry in account.roll.entries if entry.state)
    seen = list(dict.fromkeys(state for state in states if state))
    for state in wanted:
        if state.casefold() not in (known.casefold() for known in seen):
            near = meant_state(state, (*seen, *LOGGED_IN_STATES))
            if near and near.casefold() != state.casefold() and not account.exit_code:
                raise SettingError(
                    f"no agent is in state {state!r}: did you mean {printable(near)}?",
                    example=f"rollcall states --state {quoted(near)}",
                )
            meant = f" Did you mean {printable(near)}?" if near else ""
            terminal.note(
                f"No agent is in state {state!r}.{meant} States seen: {', '.join(map(printable, seen)) or 'none'}."
            )
