"""`rollcall fleet status`: who polls what, and what is late."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from cxone_rollcall.cli import signals
from cxone_rollcall.cli.fleet.options import engine_of, nats_option, zone_option
from cxone_rollcall.cli.options import format_option

COLUMNS = ("tenant", "worker", "age", "whole", "roster", "present", "unknown", "changes", "findings")


@click.command()
@nats_option
@zone_option
@format_option("table", "json", to_file=False)
def status(**given: Any) -> int:
    """Show tenants, workers and the engine.

    Each tenant has its worker, and the age of its last poll and of its last whole one. It is LATE if nobody has polled
    it for three intervals, and BLIND if no poll was whole for as long: "findings" then says why the last one was not.
    What is late comes first, then what is blind.

    Exit codes: 0 if every tenant is seen in time, 1 if one is late, 3 if one is blind, if that cannot be told, if the
    engine has no leader, most of its nodes are behind or there is no tenant, 5 if there is no engine.
    """
    return signals.run(_status(given))


async def _status(given: dict[str, Any]) -> int:
    from cxone_rollcall.fleet import status, streams
    from cxone_rollcall.views.json import encode

    async with engine_of(given, "status") as engine:
        await streams.beat_of(engine, given["zone"])
        found = await status.survey(engine, given["zone"])
    click.echo(encode(found).decode() if given["format_"] == "json" else table(found))
    return status.exit_code(found)


def table(found: Mapping[str, Any]) -> str:
    """The status as a table. What is late comes first, then what is blind."""
    from cxone_rollcall.views.text import printable

    order = {True: 0, None: 1, False: 2}
    rows = [COLUMNS]
    for one in sorted(found["tenants"], key=lambda one: (order[one["late"]], order[one["blind"]], one["tenant"])):
        counts = one["counts"]
        figures = [str(counts.get(name, "")) for name in ("roster", "present", "unknown")]
        codes = " ".join(code for code in one["findings"] if code not in one["missed"])
        trouble = "; ".join(filter(None, (one["missed"], codes)))
        ages = (_age(one["age"], one["late"], "LATE"), _age(one["whole_age"], one["blind"], "BLIND"))
        rows.append((one["tenant"], one["worker"] or "-", *ages, *figures, str(one["number"]), trouble))
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    workers = ", ".join(f"{one['worker']} {one['tenants']}/{one['capacity']}" for one in found["workers"]) or "none"
    engine = found["engine"]
    nodes = ", ".join(one["node"] + ("" if one["current"] else " BEHIND") for one in engine["nodes"])
    leaders = [f"{name} {leader or 'NONE'}" for name, leader in engine["leaders"].items()]
    leaders += [f"{name} ?" for name in engine["unasked"]]
    return "\n".join(map(printable, [*lines, f"workers: {workers}", f"engine: {nodes}; leaders: {', '.join(leaders)}"]))


def _age(age: float | None, is_overdue: bool | None, word: str) -> str:
    """An age, and whether it is too old."""
    mark = {True: f" {word}", None: " ?", False: ""}[is_overdue]
    return ("never" if age is None else f"{age:.1f} s") + mark
