"""Rollcall accounts for every agent of a NICE CXone contact centre.

    async with connect("https://api-us-01.nice-incontact.com", credentials) as client:
        account = await check(client)

Names are loaded when they are used, so that the command line starts without the HTTP client.
"""

from __future__ import annotations

from importlib import import_module

from rollcall.version import __version__

TYPE_CHECKING = False  # as in typing, which alone would take as long to import as the interpreter to start
if TYPE_CHECKING:
    from rollcall.client import Client, connect
    from rollcall.diagnose import check
    from rollcall.errors import (
        AccessRefused,
        AnswerUnusable,
        NotReached,
        OutputError,
        RequestFailed,
        RollcallError,
        SettingError,
    )
    from rollcall.findings.account import Account, Verdict
    from rollcall.findings.base import Evidence, Finding, Strength
    from rollcall.model.agent import Agent
    from rollcall.model.credentials import Credentials
    from rollcall.model.failure import Failure, FailureKind
    from rollcall.model.roll import Roll, RollEntry, Standing
    from rollcall.model.secret import Secret
    from rollcall.model.state import AgentState
    from rollcall.roll import Ledger, Selection, call_roll, reconcile

__all__ = [
    "AccessRefused",
    "Account",
    "Agent",
    "AgentState",
    "AnswerUnusable",
    "Client",
    "Credentials",
    "Evidence",
    "Failure",
    "FailureKind",
    "Finding",
    "Ledger",
    "NotReached",
    "OutputError",
    "RequestFailed",
    "Roll",
    "RollEntry",
    "RollcallError",
    "Secret",
    "Selection",
    "SettingError",
    "Standing",
    "Strength",
    "Verdict",
    "__version__",
    "call_roll",
    "check",
    "connect",
    "reconcile",
]

_HOMES = {
    "rollcall.client": ("Client", "connect"),
    "rollcall.diagnose": ("check",),
    "rollcall.errors": (
        "AccessRefused",
        "AnswerUnusable",
        "NotReached",
        "OutputError",
        "RequestFailed",
        "RollcallError",
        "SettingError",
    ),
    "rollcall.findings.account": ("Account", "Verdict"),
    "rollcall.findings.base": ("Evidence", "Finding", "Strength"),
    "rollcall.model.agent": ("Agent",),
    "rollcall.model.credentials": ("Credentials",),
    "rollcall.model.failure": ("Failure", "FailureKind"),
    "rollcall.model.roll": ("Roll", "RollEntry", "Standing"),
    "rollcall.model.secret": ("Secret",),
    "rollcall.model.state": ("AgentState",),
    "rollcall.roll": ("Ledger", "Selection", "call_roll", "reconcile"),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            value: object = getattr(import_module(home), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
