"""Who is measured: the commands, one entry each."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
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
    """A command that calls the roll of the tenant named in its environment, over one contract.

    `logged_in` reads from what it printed how many agents are logged in: contenders must agree on that. One that is
    `slow` asks one question after the other, so that few runs of it are made where each takes minutes.
    """

    contract: str
    logged_in: Callable[[str], int]
    slow: bool = False

    @property
    def key(self) -> str:
        """The name that its runs go by: the contract is in it."""
        return f"{self.contract} {self.name}"


def _last_line(printed: str) -> int:
    return int(printed.splitlines()[-1].split()[0])


def _account(printed: str) -> int:
    return int(json.loads(printed)["counts"]["logged_in"])


TUTORIAL = Contender(
    name="tutorial",
    contract="v2",
    title="`bench/tutorial.py`: requests, one question after the other, pages of 100, batches of 50",
    line=(sys.executable, str(Path(__file__).with_name("tutorial.py"))),
    logged_in=_last_line,
    slow=True,
)
CHECK = Contender(
    name="rollcall",
    contract="v2",
    title="`rollcall check --format json`",
    line=(ROLLCALL, "check", "--format", "json"),
    logged_in=_account,
)
SCRIPT = Contender(
    name="script",
    contract="incontact",
    title="`bench/script.py`: requests, one page of 100 after the other, by its link",
    line=(sys.executable, str(Path(__file__).with_name("script.py"))),
    logged_in=_last_line,
    slow=True,
)
SNAPSHOT = replace(CHECK, contract="incontact", title=f"{CHECK.title}, with an access key in the environment")
CONTENDERS = (TUTORIAL, CHECK, SCRIPT, SNAPSHOT)
BASELINES = {"v2": TUTORIAL, "incontact": SCRIPT}
"""Beside whom the others are put, by contract."""

BARE = Command(name="python", title="`python -c pass`", line=(sys.executable, "-c", "pass"))
VERSION = Command(name="version", title="`rollcall --version`", line=(ROLLCALL, "--version"))
HELP = Command(name="help", title="`rollcall --help`", line=(ROLLCALL, "--help"))
COLD_STARTS = (BARE, VERSION, HELP)
