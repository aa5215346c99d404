"""The rules of the design: imports, length of files, modules loaded.

They are who may import whom, and what a quick command may load.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "cxone_rollcall"
LONGEST_FILE = 400

BELOW_ALL = frozenset({"errors", "version"})
"""Every part may import these."""

LATE = {("findings", "views"): "Account.to_json, a method of the public class, is a view of it"}
"""Imports upwards, within one function, each with its reason."""

USES = frozenset({"alerts", "roll", "diagnose", "why", "request"})

MAY_IMPORT: dict[str, frozenset[str]] = {
    "version": frozenset(),
    "errors": frozenset(),
    "model": frozenset(),
    "contracts": frozenset({"model"}),
    "transport": frozenset({"redaction", "model"}),
    "findings": frozenset({"model"}),
    "config": frozenset({"model"}),
    "login": frozenset({"model"}),
    "redaction": frozenset({"model"}),
    "client": frozenset({"contracts", "transport", "model"}),
    "probes": frozenset({"client", "model"}),
    "views": frozenset({"findings", "model"}),
    "casefile": frozenset({"findings", "redaction", "model"}),
    "roll": frozenset({"client", "model"}),
    "diagnose": frozenset({"roll", "probes", "findings", "model"}),
    "why": frozenset({"roll", "probes", "client", "findings", "model"}),
    "request": frozenset({"roll", "probes", "client", "model"}),
    "emulator": frozenset({"model"}),
    "testing": frozenset({"emulator", "client", "model"}),
    "pytest_plugin": frozenset({"testing"}),
    "live": frozenset({"roll", "diagnose", "findings", "client", "model"}),
    "history": frozenset({"live", "findings", "model"}),
    "tables": frozenset({"config", "findings", "model"}),
    "reports": frozenset({"history", "tables", "config", "model"}),
    "alerts": frozenset({"live", "views", "findings", "config", "model"}),
    "web": frozenset({"live", "history", "reports", "alerts", "views", "findings", "model"}),
    "assistants": frozenset(
        {"diagnose", "why", "roll", "history", "reports", "live", "redaction", "views", "findings", "client", "model"}
    ),
    "target": frozenset({"config", "client", "model"}),
    "fleet": frozenset({"live", "history", "views", "findings", "target", "config", "model"}),
    "cli": frozenset(
        {
            *("views", "casefile", "config", "client", "login", "findings", "model", "emulator", "target", "web"),
            *("live", "history", "reports", "tables", "assistants", "fleet"),
        }
    )
    | USES,
}
"""The import table: each part and the parts below it."""

TYPES_ONLY: dict[tuple[str, str], str] = {
    ("errors", "model"): "RequestFailed carries a Failure",
    ("probes", "contracts"): "rows of states, handed on by the client, are the contract's type",
    ("roll", "contracts"): "a page of the roster, handed on by the client, is the contract's type",
    ("client", "redaction"): "the secrets that the recorder takes out are the client's",
    ("history", "client"): "the client that is asked for past states comes in as an argument",
    ("history", "contracts"): "a page of past states, handed on by the client, is the contract's type",
    ("views", "live"): "the events that are rendered are values of live's",
    ("fleet", "client"): "the client comes from the target and is handed to the poller",
    ("web", "client"): "the client comes in as an argument and is handed to the poller",
    ("views", "reports"): "the reports that are rendered are values of reports'",
    ("views", "why"): "the answers that are rendered are values of why's",
    ("diagnose", "client"): "the client comes in as an argument and is handed to the probes",
}
"""Imports only for type checkers, each with its reason."""

OUTSIDERS: dict[str, frozenset[str]] = {
    "assistants": frozenset({"anyio", "mcp", "mcp_types", "msgspec", "uvicorn"}),
    "alerts": frozenset({"aiohttp", "keyring", "msgspec", "yarl"}),
    "model": frozenset({"msgspec", "publicsuffixlist"}),
    "contracts": frozenset({"msgspec"}),
    "client": frozenset({"msgspec"}),
    "transport": frozenset({"aiohttp", "yarl"}),
    "config": frozenset({"dotenv", "filelock", "keyring", "platformdirs"}),
    "fleet": frozenset({"aiohttp", "cryptography", "msgspec", "nats"}),
    "history": frozenset({"duckdb", "filelock"}),
    "login": frozenset({"aiohttp"}),
    "reports": frozenset({"icalendar", "recurring_ical_events"}),
    "views": frozenset({"msgspec", "rich"}),
    "casefile": frozenset({"msgspec"}),
    "redaction": frozenset({"msgspec"}),
    "request": frozenset({"msgspec"}),
    "emulator": frozenset({"aiohttp"}),
    "web": frozenset({"aiohttp"}),
    "cli": frozenset({"click", "rich"}),
    "pytest_plugin": frozenset({"pytest"}),
}
"""The libraries that a part may import. A part that is not here needs none."""

OUTSIDE_WORLD = frozenset(
    {"asyncio", "http", "os", "pathlib", "random", "socket", "ssl", "subprocess", "time", "urllib"}
)
"""Standard modules with side effects or input; pure parts import none."""
PURE = ("model", "findings", "views", "casefile", "redaction")


class Import(NamedTuple):
    """One import: file, module, and whether only for type checkers."""

    file: str
    module: str
    types_only: bool

    @property
    def origin(self) -> str:
        """The part of `rollcall` that imports."""
        return Path(self.file).parts[0].removesuffix(".py")

    @property
    def target(self) -> str | None:
        """The imported part of `rollcall`; None for other modules."""
        return self.module.split(".")[1] if self.module.startswith("cxone_rollcall.") else None

    def __str__(self) -> str:
        return f"{self.file} imports {self.module}{' for its types' if self.types_only else ''}"


def files() -> list[Path]:
    """Return every Python file of the package."""
    return sorted(SOURCE.rglob("*.py"))


@cache
def trees() -> dict[str, ast.Module]:
    """Return every file of the package, parsed."""
    return {path.relative_to(SOURCE).as_posix(): ast.parse(path.read_bytes()) for path in files()}


@cache
def imports() -> tuple[Import, ...]:
    """Return all imports, also within functions and under TYPE_CHECKING."""
    return tuple(one for file, tree in trees().items() for one in _imports(tree, file, types_only=False))


def _imports(tree: ast.AST, file: str, *, types_only: bool) -> Iterator[Import]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            yield from _imports(node, file, types_only=True)
        elif isinstance(node, ast.Import):
            yield from (Import(file, alias.name, types_only) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            names = [f"cxone_rollcall.{alias.name}" for alias in node.names] if module == "cxone_rollcall" else [module]
            yield from (Import(file, name, types_only) for name in names)
        elif not isinstance(node, ast.expr):  # has no imports, and most nodes are expressions
            yield from _imports(node, file, types_only=types_only)


def test_imports_point_downwards() -> None:
    """Each part imports only parts below it."""
    against = [
        str(one)
        for one in imports()
        if one.target is not None
        and one.origin not in ("__init__", "__main__")
        and one.target not in {one.origin, *BELOW_ALL, *MAY_IMPORT.get(one.origin, ())}
        and not (one.types_only and (one.origin, one.target) in TYPES_ONLY)
        and (one.origin, one.target) not in LATE
    ]
    assert against == []


def test_every_part_has_its_place() -> None:
    """No part of rollcall is missing in the table of the design."""
    parts = {path.relative_to(SOURCE).parts[0].removesuffix(".py") for path in files()}
    assert parts - {"__init__", "__main__"} <= set(MAY_IMPORT)


def test_exceptions_are_in_use() -> None:
    """Each listed import for types exists."""
    assert set(TYPES_ONLY) <= {(one.origin, one.target) for one in imports() if one.types_only}


def test_imports_are_absolute() -> None:
    """Imports are absolute, so that these tests see their target."""
    relative = [
        file
        for file, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


def test_libraries_stay_in_their_place() -> None:
    """Only the parts that are made to wrap a library import it."""
    against = [
        str(one)
        for one in imports()
        if (root := one.module.partition(".")[0]) != "cxone_rollcall"
        and root not in sys.stdlib_module_names
        and root not in OUTSIDERS.get(one.origin, ())
    ]
    assert against == []


def test_values_are_structs() -> None:
    """A roll call loads no dataclass. Defining one takes a millisecond of each start."""
    makers = {one.file for one in imports() if one.module == "dataclasses" and one.origin != "emulator"}
    assert makers == {"cli/emulate.py"}  # which changes a value of the emulator's


@pytest.mark.parametrize("part", PURE)
def test_pure_parts_ask_nothing(part: str) -> None:
    """Pure parts import no file, clock, socket or random module."""
    theirs = [one for one in imports() if one.origin == part and one.module != "urllib.parse"]
    asked = [one for one in theirs if one.module.partition(".")[0] in OUTSIDE_WORLD]
    assert [str(one) for one in asked if not one.types_only] == []


def test_files_are_short() -> None:
    """No file of the package is longer than 400 lines."""
    lengths = {path.relative_to(SOURCE).as_posix(): len(path.read_bytes().splitlines()) for path in files()}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


QUIET = "import sys; from cxone_rollcall.cli.main import run; code = run({}); print(*sys.modules); sys.exit(code)"


@pytest.mark.parametrize(
    ("command", "unwanted"),
    [
        ("--version", {"aiohttp", "asyncio", "msgspec", "rich"}),
        ("--help", {"aiohttp", "asyncio", "msgspec", "rich"}),
        ("explain", {"aiohttp", "asyncio"}),
        ("explain RC406", {"aiohttp", "asyncio"}),
    ],
    ids=["version", "help", "catalogue", "page"],
)
def test_quick_commands_load_little(command: str, unwanted: set[str]) -> None:
    """A command without requests loads no HTTP library. The quickest load no terminal library either."""
    script = QUIET.format(command.split())
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "cxone_rollcall.cli.main" in loaded
    assert loaded & unwanted == set()


NOT_BEFORE_THE_FIRST_REQUEST = (
    *("cxone_rollcall.findings", "cxone_rollcall.probes", "cxone_rollcall.diagnose", "cxone_rollcall.why"),
    *("cxone_rollcall.views", "cxone_rollcall.casefile", "cxone_rollcall.emulator", "cxone_rollcall.live"),
    *("cxone_rollcall.history", "cxone_rollcall.login", "filelock", "keyring", "rich", "sqlite3", "dataclasses"),
)
"""Parts and libraries that `check` needs later or never. Those of asyncio and aiohttp cannot be left out."""


def test_what_judges_is_loaded_while_the_first_answers_are_waited_for() -> None:
    """Before the first request, neither checks nor views are loaded."""
    script = (
        "import sys, asyncio; before = set(sys.modules)\n"
        "import cxone_rollcall.cli.check, cxone_rollcall.cli.session; print(*sys.modules.keys() - before)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "cxone_rollcall.transport.http" in loaded
    assert [one for one in loaded if one.startswith(NOT_BEFORE_THE_FIRST_REQUEST)] == []
