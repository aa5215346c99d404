"""The commands that are measured."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROLLCALL = str(Path(sys.executable).with_name("rollcall"))
CONTRACTS = ("v2", "incontact")

SEQUENTIAL, THREADS, FLOOR, CHECK, STATES = "sequential", "threads", "floor", "check", "states"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command line; `title` describes it in the report."""

    name: str
    title: str
    line: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender(Command):
    """A command that reads a tenant's agents and states. The environment names the tenant.

    `seen` returns counts from its output; all contenders of a contract must agree on them.
    """

    contract: str
    seen: Callable[[str], dict[str, int]]

    @property
    def key(self) -> str:
        """Contract and name: the key of its runs."""
        return f"{self.contract} {self.name}"


def _last_line(printed: str) -> dict[str, int]:
    logged_in, _, agents, *_ = printed.splitlines()[-1].split()
    return {"agents": int(agents), "logged in": int(logged_in)}


def _counted(printed: str) -> dict[str, int]:
    agents, states = printed.split()
    return {"agents": int(agents), "states": int(states)}


def _account(printed: str) -> dict[str, int]:
    counts = json.loads(printed)["counts"]
    return {"agents": counts["roster"], "logged in": counts["logged_in"]}


def _lines(printed: str) -> dict[str, int]:
    rows = [json.loads(line) for line in printed.splitlines()]
    return {"agents": len(rows), "logged in": sum(row["logged_in"] is True for row in rows)}


def _of(contract: str, sequential: str, asks: str) -> tuple[Contender, ...]:
    here = Path(__file__).parent
    return (
        Contender(
            name=SEQUENTIAL,
            contract=contract,
            title=f"`quality/bench/{sequential}`: requests, one request at a time, {asks}",
            line=(sys.executable, str(here / sequential)),
            seen=_last_line,
        ),
        Contender(
            name=THREADS,
            contract=contract,
            title="`quality/bench/threads.py`: the same requests with a `requests.Session` and 16 threads",
            line=(sys.executable, "-m", "quality.bench.threads", contract),
            seen=_last_line,
        ),
        Contender(
            name=FLOOR,
            contract=contract,
            title="`quality/bench/floor.py`: bare asyncio, aiohttp and msgspec, 64 at a time; only counts rows",
            line=(sys.executable, str(here / "floor.py"), contract),
            seen=_counted,
        ),
        Contender(
            name=CHECK,
            contract=contract,
            title="`rollcall check --format json`",
            line=(ROLLCALL, "check", "--format", "json"),
            seen=_account,
        ),
        Contender(
            name=STATES,
            contract=contract,
            title="`rollcall states --format ndjson`, for its memory",
            line=(ROLLCALL, "states", "--format", "ndjson"),
            seen=_lines,
        ),
    )


CONTENDERS = (
    *_of("v2", "tutorial.py", "pages of 100, batches of 50"),
    *_of("incontact", "script.py", "pages of 100 by their links"),
)

BARE = Command(name="python", title="`python -c pass`", line=(sys.executable, "-c", "pass"))
VERSION = Command(name="version", title="`rollcall --version`", line=(ROLLCALL, "--version"))
HELP = Command(name="help", title="`rollcall --help`", line=(ROLLCALL, "--help"))
EXPLAIN = Command(name="explain", title="`rollcall explain RC301`", line=(ROLLCALL, "explain", "RC301"))
DEMO = Command(name="demo", title="`rollcall check --demo`", line=(ROLLCALL, "check", "--demo"))
LISTED = Command(name="listed", title="`rollcall states --demo`", line=(ROLLCALL, "states", "--demo"))
COLD_STARTS = (BARE, VERSION, HELP, EXPLAIN, DEMO, LISTED)
