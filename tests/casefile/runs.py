"""Complete runs against emulated tenants, from which case files are written."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from cxone_rollcall.casefile.reader import read
from cxone_rollcall.casefile.writer import write
from cxone_rollcall.diagnose import check
from cxone_rollcall.emulator import Emulator
from cxone_rollcall.findings.account import Account
from cxone_rollcall.findings.judge import account_of
from cxone_rollcall.redaction.secrets import Secrets
from cxone_rollcall.roll import Selection
from cxone_rollcall.testing import emulated
from cxone_rollcall.views import json


@dataclass(frozen=True)
class Ran:
    """One run: its account, its secrets, and its tenant."""

    account: Account
    secrets: Secrets
    emulator: Emulator

    def file(self, *, anonymize: bool = False) -> bytes:
        """Return the case file of this run."""
        return b"".join(write(self.account, hide=self.secrets.redact, anonymize=anonymize))


async def ran(
    *faults: str, agents: int = 40, seed: int = 1, selection: Selection | None = None, **settings: Any
) -> Ran:
    """Check an emulated tenant that has these faults."""
    async with emulated(agents, faults=faults, seed=seed, request_timeout=0.3, bodies=True, **settings) as (
        emulator,
        _,
        client,
    ):
        account = await check(client, selection, rng=Random(1))
        return Ran(account, client.secrets, emulator)


def judged(file: bytes) -> Account:
    """Return the account of a case file, judged anew."""
    kept = read(file, "case.json").kept
    return account_of(kept.case, kept)


def document(account: Account) -> bytes:
    """Return the JSON of an account."""
    return b"".join(json.account(account))
