"""The agents: figures, a bar, and the table. Agents without a state come first."""

from __future__ import annotations

from collections.abc import Iterator

from cxone_rollcall.findings.account import Account
from cxone_rollcall.model.roll import RollEntry, Standing
from cxone_rollcall.model.wording import counted
from cxone_rollcall.views.html.escape import isolated, shown

PARTS = (
    ("present", "Present", "logged in: the API gave a state, such as Available, Busy, Break or Not Ready"),
    ("logged_out", "Logged out", "the API itself says so"),
    ("explained", "Absent, explained", "no state in a reliable response, and a finding below says why"),
    ("unexplained", "Absent, unexplained", "no state in a reliable response, and no finding says why"),
    ("unknown", "Unknown", "could not be requested, or the response may be incomplete. Never counted as logged out"),
)
"""The five parts of every roster: key in the counts, name, meaning."""

MOST_AGENTS = 2_000
HEADINGS = ("Agent id", "Name", "Team", "Standing", "State", "Sub-state", "Since", "Explained by")
ORDER = {Standing.UNKNOWN: 1, Standing.ABSENT: 2, Standing.LOGGED_OUT: 3, Standing.PRESENT: 4}
"""The order of the agents; unexplained ones come before all."""


def balance(account: Account) -> Iterator[str]:
    """Yield the section of the balance."""
    count = account.counts
    roster = count["roster"]
    yield '<section id="balance"><h2>The balance</h2>'
    if not account.roll.roster_complete:
        what = "there are more agents than could be read" if roster else "no agent could be read"
        yield f"<p><strong>The roster is incomplete:</strong> {what}."
    if roster:
        yield "<div class=bar aria-hidden=true>"
        for key, name, _ in PARTS:
            if count[key]:
                yield f'<span class={key} style="flex-grow:{count[key]}"><b>{name} {count[key]}</b></span>'
        yield "</div>"
    yield "<table class=figures><caption>Each agent of the roster is counted in exactly one line.</caption>"
    yield "<thead><tr><th scope=col>Standing<th scope=col class=n>Agents<th scope=col>What it means</thead><tbody>"
    for key, name, meaning in PARTS:
        yield (
            f'<tr><th scope=row><span class="key {key}"></span> {name}<td class=n>{count[key]}'
            f"<td>{meaning}{_share(count[key], roster)}"
        )
    yield f"</tbody><tfoot><tr><th scope=row>Roster<td class=n>{roster}<td>{_sum(count)}</tfoot></table>"
    states = account.roll.states()
    if states:
        named = "".join(f"<li>{isolated(state)} <b>{number}</b>" for state, number in states.items())
        yield f"<h3>States of the agents who are present</h3><ul class=states>{named}</ul>"
    yield "</section>"


def _share(number: int, roster: int) -> str:
    return f" <small>({number / roster:.0%})</small>" if number and number != roster else ""


def _sum(count: dict[str, int]) -> str:
    return (
        f"= {count['present']} present + {count['logged_out']} logged out + {count['absent']} absent "
        f"({count['explained']} explained + {count['unexplained']} unexplained) + {count['unknown']} unknown"
    )


def agents(account: Account) -> Iterator[str]:
    """Yield the section of agents, row by row."""
    unexplained = frozenset(account.unexplained)
    entries = sorted(
        account.roll.entries, key=lambda entry: 0 if entry.agent.agent_id in unexplained else ORDER[entry.standing]
    )
    left = len(entries) - MOST_AGENTS
    yield '<section id="agents"><h2>Agents</h2>'
    if not entries:
        yield "<p>No agent's state could be requested.</section>"
        return
    yield f"<p>{counted(len(entries), 'agent')}, those without a state first."
    if left > 0:
        yield (
            f" <strong>Not on this page: {left} of them</strong>; <code>rollcall check --format csv</code>"
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
