"""`rollcall agents`: the roster."""

from __future__ import annotations

from typing import Any

import click

from cxone_rollcall.cli import signals, terminal
from cxone_rollcall.cli.options import demo_options, row_options, selection_options
from cxone_rollcall.model.agent import Agent


@click.command()
@demo_options
@selection_options
@row_options
def command(**given: Any) -> int:
    """List the roster while it is read, without states.

    Exit codes: 0 complete roster; 1 an agent or team that was named is not on it; 3 incomplete or empty roster; others
    as for `rollcall check`.
    """
    from cxone_rollcall.cli import session
    from cxone_rollcall.cli.row_writers import listing
    from cxone_rollcall.findings.account import EXIT_CODES, Verdict
    from cxone_rollcall.model.roll import RollEntry, Standing
    from cxone_rollcall.roll import Selection
    from cxone_rollcall.views import account as view
    from cxone_rollcall.views import table
    from cxone_rollcall.views.columns import ROSTER
    from cxone_rollcall.views.evidence import needs_fix

    selection = Selection(agents=given["agents"], teams=given["teams"])
    with listing(given, "agents", ROSTER, table.ROSTER) as listed:

        def show(agent: Agent) -> None:
            listed.write(RollEntry(agent, Standing.UNKNOWN))

        account = signals.run(session.read_roster(given, selection, on_agent=show))
        listed.end(complete=account.lists_all and not (given["agents"] or given["teams"]))
    if account.lists_all and not any(needs_fix(finding) for finding in account.findings):
        return 0
    terminal.note(view.roster_summary(account) if account.roll else view.summary(account))
    if account.lists_all:
        return EXIT_CODES[Verdict.MEND]
    return EXIT_CODES[Verdict.CANNOT_TELL] if account.roll and not account.interrupted else account.exit_code
