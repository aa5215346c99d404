"""The table of agents; those without a state come first."""

from __future__ import annotations

from collections.abc import Iterator

from cxone_rollcall.findings.account import Account
from cxone_rollcall.findings.finding import counted
from cxone_rollcall.model.roll import RollEntry, Standing
from cxone_rollcall.views.html.escape import isolated, shown

MOST_AGENTS = 2_000
HEADINGS = ("Agent id", "Name", "Team", "Standing", "State", "Sub-state", "Since", "Explained by")
ORDER = {Standing.UNKNOWN: 1, Standing.ABSENT: 2, Standing.LOGGED_OUT: 3, Standing.PRESENT: 4}
"""The order of the agents; unexplained ones come before all."""


def agents(account: Account) -> Iterator[str]:
    """Yield the section of agents, row by row."""
    unexplained = frozenset(account.unexplained)
    entries = sorted(
        account.roll.entries,
        key=lambda entry: 0 if entry.agent.agent_id in unexplained else ORDER[entry.standing],
    )
    left = len(entries) - MOST_AGENTS
    yield '<section id="agents"><h2>Agents</h2>'
    if not entries:
        yield "<p>No agent's state could be requested.</section>"
        return
    yield f"<p>{counted(len(entries), 'agent')}, those without a state first."
    if left > 0:
        yield (
            f" <strong>{left} of them are not on this page</strong>; <code>rollcall check --format csv</code>"
            " lists all of them with the findings that explain each."
        )
    yield "<table class=agents><thead><tr>" + "".join(f"<th scope=col>{heading}" for heading in HEADINGS)
    yield "</thead><tbody>"
    for entry in entries[:MOST_AGENTS]:
        yield _row(entry, account, unexplained=entry.agent.agent_id in unexplained)
    yield "</tbody></table></section>"


def _row(entry: RollEntry, account: Account, *, unexplained: bool) -> str:
    agent, state = entry.agent, entry.state
    codes = "nothing" if unexplained else " ".join(account.codes_by_agent.get(agent.agent_id, ()))
    name, sub_state, since = (state.state or "(not named)", state.sub_state, state.since) if state else (None,) * 3
    return (
        f"<tr><th scope=row>{shown(agent.agent_id)}<td>{isolated(agent.name)}<td>{isolated(agent.team)}"
        f"<td>{entry.standing.value.replace('_', ' ')}<td>{isolated(name)}<td>{isolated(sub_state)}"
        f"<td>{shown(since).replace('T', 'T<wbr>', 1)}<td>{codes}\n"
    )
