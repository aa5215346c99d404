"""Makes any text safe in a page. It stays text, and cannot hide or reverse what is around it."""

from __future__ import annotations

import re
from html import escape

from cxone_rollcall.findings.account import Account
from cxone_rollcall.findings.finding import Finding
from cxone_rollcall.model.exchange import Exchange
from cxone_rollcall.model.roll import RollEntry
from cxone_rollcall.views.evidence import LONGEST_NAME
from cxone_rollcall.views.text import brief, printable

LONGEST_TARGET = 120
"""Cells of a path with its query. A request for a hundred ids has ten times as many."""

_CODE = re.compile(r"`([^`]+)`")


def shown(text: str | None) -> str:
    """Any text as HTML, for an element or quoted attribute. "" for None."""
    return escape(printable(text)) if text else ""


def isolated(text: str | None) -> str:
    """A text as HTML, isolated from the reading direction around it. "" for None and ""."""
    return f"<bdi>{shown(text)}</bdi>" if text else ""


def prose(text: str) -> str:
    """Our own text as HTML paragraphs. Blank lines separate them; code is in backticks."""
    parts = (" ".join(part.split()) for part in text.split("\n\n"))
    return "".join(f"<p>{marked(part)}</p>" for part in parts if part)


def marked(line: str) -> str:
    """Our own line as HTML; code is in backticks."""
    return _CODE.sub(r"<code>\1</code>", shown(line))


def code(text: str) -> str:
    """A text as code."""
    return f"<code>{shown(text)}</code>"


def target_of(exchange: Exchange) -> str:
    """Method and target of a request, shortened."""
    return f"{shown(exchange.method)} {escape(brief(exchange.target, LONGEST_TARGET))}"


def name_and_id(entry: RollEntry | None, agent_id: str) -> str:
    """An agent's name and id as HTML; only the id without name."""
    name = entry.agent.name if entry is not None else None
    return f"{isolated(brief(name, LONGEST_NAME))} {code(agent_id)}" if name else code(agent_id)


def by_exchange(account: Account) -> dict[int, list[tuple[str, Finding]]]:
    """The findings that cite each exchange, with their anchors, by exchange number."""
    cited: dict[int, list[tuple[str, Finding]]] = {}
    for place, finding in placed(account):
        for number in dict.fromkeys(evidence.exchange for evidence in finding.evidence):
            cited.setdefault(number, []).append((place, finding))
    return cited


def placed(account: Account) -> list[tuple[str, Finding]]:
    """Each finding with its anchor in the page."""
    return [(f"f{number}", finding) for number, finding in enumerate(account.findings, 1)]
