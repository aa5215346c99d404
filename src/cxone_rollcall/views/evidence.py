"""What text renderers show of a finding: evidence, counts, agents' names."""

from __future__ import annotations

import re
from collections.abc import Callable

from cxone_rollcall.findings.account import BENIGN, Account
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.findings.internal import Unexplained
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.exchange import Exchange
from cxone_rollcall.model.observations.states import StatesAsked
from cxone_rollcall.model.wording import counted
from cxone_rollcall.views.text import brief, wrapped

LONGEST_TEXT = 1_000
"""Cells of a sentence or of a value that was seen. Texts from others can be of any length."""
LONGEST_TARGET = 64
"""Cells of a path with its query. A request for a hundred ids has ten times as many."""
LONGEST_NAME = 60
"""Cells of an agent's name with its id."""

_LABEL = re.compile(r" *\S{1,14}(?: {2,}| (?= ))")


def needs_fix(finding: Finding) -> bool:
    """Whether a finding asks for a change."""
    return finding.strength is not Strength.NOTE and finding.code not in BENIGN


def extent(finding: Finding) -> str:
    """How many agents a finding explains, or "" if none."""
    if isinstance(finding, Unexplained):
        return "open"
    if finding.explains_all:
        return "explains all"
    return f"explains {counted(len(finding.explains), 'agent')}" if finding.explains else ""


def exchange_of(evidence: Evidence, account: Account) -> Exchange | None:
    """The exchange that evidence cites, or None."""
    return next((one for one in account.exchanges if one.number == evidence.exchange), None)


def evidence_line(evidence: Evidence, account: Account, *, shown: Callable[[str], str] = str) -> str:
    """Evidence in one line: claim, value, and `(#3 GET target pointer ...)`."""
    text = f"{short(evidence.claim)}: {short(evidence.seen)}"
    exchange = exchange_of(evidence, account)
    if exchange is None:
        return text
    target = brief(shown(exchange.target), LONGEST_TARGET)
    correlation = f" CorrelationId {exchange.correlation}" if exchange.correlation else ""
    where = f"#{exchange.number} {exchange.method} {target} {evidence.pointer}".rstrip()
    return f"{text}   ({short(where + correlation)})"


def how_states_came(states: StatesAsked) -> str:
    """How the states were requested, and how many came."""
    how = f"listed in {counted(states.batches, 'request')}"
    if not states.listed:
        how = f"{counted(states.asked, 'agent')} requested by id in {counted(states.batches, 'request')}"
    return f"{how}: {counted(states.rows, 'state')} returned"


def name_and_id(agent: Agent) -> str:
    """`Lee, Ann (30000010423)`, or the id if the name is unknown."""
    agent_id = brief(agent.agent_id, LONGEST_NAME)
    return f"{brief(agent.name, LONGEST_NAME)} ({agent_id})" if agent.name else agent_id


def short(text: str) -> str:
    """A text made printable and cut to `LONGEST_TEXT` cells."""
    return brief(text, LONGEST_TEXT)


def hanging(line: str, cells: int | None) -> str:
    """A line wrapped to `cells` columns. Further lines begin below the text that follows its label."""
    label = _LABEL.match(line)
    indent = len(label[0]) if label else len(line) - len(line.lstrip()) + 6
    return wrapped(line, cells, " " * indent)
