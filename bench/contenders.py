"""Who is measured: the commands, one entry each."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROLLCALL = str(Path(sys.executable).with_name("rollcall"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command line; `title` says what it is in the report."""

    name: str
    title: str
    line: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender(Command):
    """A command that calls the roll of the tenant named in its environment.

    `logged_in` reads from what it printed how many agents are logged in: contenders must agree on that. One that is
    `slow` asks one question after the other, so that few runs of it are made where each takes minutes.
    """

    logged_in: Callable[[str], int]
    slow: bool = False


TUTORIAL = Contender(
    name="tutorial",
    title="`bench/tutorial.py`: requests, one question after the other, pages of 100, batches of 50",
    line=(sys.executable, str(Path(__file__).with_name("tutorial.py"))),
    logged_in=lambda printed: int(printed.splitlines()[-1].split()[0]),
    slow=True,
)
CHECK = Contender(
    name="rollcall",
    title="`rollcall check --format json`",
    line=(ROLLCALL, "check", "--format", "json"),
    logged_in=lambda printed: int(json.loads(printed)["counts"]["logged_in"]),
)
CONTENDERS = (TUTORIAL, CHECK)

BARE = Command(name="python", title="`python -c pass`", line=(sys.executable, "-c", "pass"))
VERSION = Command(name="version", title="`rollcall --version`", line=(ROLLCALL, "--version"))
HELP = Command(name="help", title="`rollcall --help`", line=(ROLLCALL, "--help"))
COLD_STARTS = (BARE, VERSION, HELP)
