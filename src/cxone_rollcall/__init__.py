"""Rollcall accounts for every agent of a NICE CXone contact centre.

    async with connect("https://api-us-01.nice-incontact.com", credentials) as client:
        account = await check(client)

Names are loaded when they are used, so that the command line starts without the HTTP client.
"""

from __future__ import annotations

from importlib import import_module

from cxone_rollcall.version import __version__

TYPE_CHECKING = False  # as in typing, which alone would take as long to import as the interpreter to start
if TYPE_CHECKING:
    from cxone_rollcall.client import Client, connect
    from cxone_rollcall.diagnose import Probing, check, check_sync
    from cxone_rollcall.errors import (
        AccessRefused,
        AnswerUnusable,
        NotReached,
        OutputError,
        RequestFailed,
        RollcallError,
        SettingError,
    )
    from cxone_rollcall.findings.account import Account, Verdict
    from cxone_rollcall.findings.finding import Finding, Strength
    from cxone_rollcall.model.agent import Agent
    from cxone_rollcall.model.credentials import Credentials
    from cxone_rollcall.model.evidence import Evidence
    from cxone_rollcall.model.failure import Failure, FailureKind
    from cxone_rollcall.model.roll import Roll, RollEntry, Standing
    from cxone_rollcall.model.secret import Secret
    from cxone_rollcall.model.state import AgentState
    from cxone_rollcall.roll import Ledger, Selection, call_roll, reconcile, stream_states
    from cxone_rollcall.target import connect_from_settings

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
    "Probing",
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
    "check_sync",
    "connect",
    "connect_from_settings",
    "reconcile",
    "stream_states",
]

_HOMES = {
    "cxone_rollcall.client": ("Client", "connect"),
    "cxone_rollcall.diagnose": ("Probing", "check", "check_sync"),
    "cxone_rollcall.errors": (
        "AccessRefused",
        "AnswerUnusable",
        "NotReached",
        "OutputError",
        "RequestFailed",
        "RollcallError",
        "SettingError",
    ),
    "cxone_rollcall.findings.account": ("Account", "Verdict"),
    "cxone_rollcall.findings.finding": ("Finding", "Strength"),
    "cxone_rollcall.model.evidence": ("Evidence",),
    "cxone_rollcall.model.agent": ("Agent",),
    "cxone_rollcall.model.credentials": ("Credentials",),
    "cxone_rollcall.model.failure": ("Failure", "FailureKind"),
    "cxone_rollcall.model.roll": ("Roll", "RollEntry", "Standing"),
    "cxone_rollcall.model.secret": ("Secret",),
    "cxone_rollcall.model.state": ("AgentState",),
    "cxone_rollcall.roll": ("Ledger", "Selection", "call_roll", "reconcile", "stream_states"),
    "cxone_rollcall.target": ("connect_from_settings",),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            value: object = getattr(import_module(home), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
