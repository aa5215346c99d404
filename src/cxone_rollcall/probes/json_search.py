"""Finds rows and values in JSON of unknown shape. Only the paths of these resources are published."""

from __future__ import annotations

from collections.abc import Iterator

from cxone_rollcall.model.observations.base import Observations, TenantAsked

Row = dict[str, object]
DEEPEST = 6
"""Levels of nesting that are searched; deeper values belong to something else."""


def asks_details(seen: Observations) -> str:
    """Why this contract has no further resources to ask, "" if it has."""
    tenant = seen.get(TenantAsked)
    contract = tenant.contract if tenant is not None else "other"
    return "" if contract == "incontact" else f"the {contract} contract has no such resource"


def rows(body: object, at: str = "", deep: int = 0) -> Iterator[tuple[str, Row]]:
    """Yield the JSON pointer and object of each row.

    Rows are the objects in the outermost lists, except links and errors.
    """
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
    """Yield the JSON pointer and text of each member with this name. `name` as `plain` returns it."""
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
    """A member's name in lower case, letters and digits only. `agentId` and `agent_id` become `agentid`."""
    return "".join(filter(str.isalnum, str(name))).casefold()
