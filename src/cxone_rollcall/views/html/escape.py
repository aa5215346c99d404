"""Making any text safe in a page: whatever a name holds, it stays text, and nothing in it hides or turns."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from cxone_rollcall.views.text import brief, printable

if TYPE_CHECKING:
    from cxone_rollcall.findings.account import Account
    from cxone_rollcall.findings.finding import Finding
    from cxone_rollcall.model.exchange import Exchange
    from cxone_rollcall.model.roll import RollEntry

LONGEST_TARGET = 120
"""Cells of an address that the page shows; a question for a hundred ids is ten times as long."""
LONGEST_NAME = 60
"""Cells of a name within a sentence; the table of agents has it whole."""

_CODE = re.compile(r"`([^`]+)`")


def shown(text: str | None) -> str:
    """Return any text as HTML, in an element or in a quoted attribute; "" for None."""
    return escape(printable(text)) if text else ""


def isolated(text: str | None) -> str:
    """Return a text as HTML whose direction of reading does not reach beyond it; "" for None and ""."""
    return f"<bdi>{shown(text)}</bdi>" if text else ""


def prose(text: str) -> str:
    """Return a text of ours as paragraphs: blank lines part them, backticks mark code."""
    parts = (" ".join(part.split()) for part in text.split("\n\n"))
    return "".join(f"<p>{marked(part)}</p>" for part in parts if part)


def marked(line: str) -> str:
    """Return a line of ours in which backticks mark code."""
    return _CODE.sub(r"<code>\1</code>", shown(line))


def code(text: str) -> str:
    """Return a text as code."""
    return f"<code>{shown(text)}</code>"


def target_of(exchange: Exchange) -> str:
    """Return the method and the address of a request, cut where it is long."""
    return f"{shown(exchange.method)} {escape(brief(exchange.target, LONGEST_TARGET))}"


def called(entry: RollEntry | None, agent_id: str) -> str:
    """Return an agent's name and id as HTML; the id alone where no name is known."""
    name = entry.agent.name if entry is not None else None
    return f"{isolated(brief(name, LONGEST_NAME))} {code(agent_id)}" if name else code(agent_id)


def by_exchange(account: Account) -> dict[int, list[tuple[str, Finding]]]:
    """Return for each exchange that is cited the findings that cite it, each with its place in the page."""
    cited: dict[int, list[tuple[str, Finding]]] = {}
    for place, finding in placed(account):
        for number in dict.fromkeys(evidence.exchange for evidence in finding.evidence):
            cited.setdefault(number, []).append((place, finding))
    return cited


def placed(account: Account) -> list[tuple[str, Finding]]:
    """Return each finding with its place in the page, which links lead to."""
    return [(f"f{number}", finding) for number, finding in enumerate(account.findings, 1)]
