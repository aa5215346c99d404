"""Reading answers of which only the path is published: whatever their members are called, and wherever they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.model.observations.base import TenantAsked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cxone_rollcall.probes.probe import Seen

Row = dict[str, object]
DEEPEST = 6
"""How far down an answer is read: what lies deeper is a part of something else."""


def asks_details(seen: Seen) -> str:
    """Return "" where the contract has smaller questions to cross-check with, else why there is none to ask."""
    tenant = seen.get(TenantAsked)
    if isinstance(tenant, TenantAsked) and tenant.contract == "incontact":
        return ""
    return f"the {tenant.contract if isinstance(tenant, TenantAsked) else 'other'} contract has no such question"


def rows(body: object, at: str = "", deep: int = 0) -> Iterator[tuple[str, Row]]:
    """Yield each row and its JSON pointer: the members of the outermost lists, but for links and errors."""
    if deep > DEEPEST:
        return
    if isinstance(body, list):
        for number, row in enumerate(body):
            if isinstance(row, dict):
                yield f"{at}/{number}", row
    elif isinstance(body, dict):
        for key, value in body.items():
            if not str(key).startswith("_") and plain(key) not in {"links", "errors"}:
                yield from rows(value, f"{at}/{key}", deep + 1)


def values(body: object, name: str, at: str = "", deep: int = 0) -> Iterator[tuple[str, str]]:
    """Yield each text that stands under this name, and its JSON pointer; `name` as `plain` writes it."""
    if deep > DEEPEST:
        return
    if isinstance(body, list):
        for number, one in enumerate(body):
            yield from values(one, name, f"{at}/{number}", deep + 1)
    elif isinstance(body, dict):
        for key, value in body.items():
            if plain(key) == name and isinstance(value, str):
                yield f"{at}/{key}", value
            else:
                yield from values(value, name, f"{at}/{key}", deep + 1)


def plain(name: object) -> str:
    """Return the name of a member without case, dashes and the like: `agentId`, `AgentID` and `agent_id` are one."""
    return "".join(filter(str.isalnum, str(name))).casefold()
