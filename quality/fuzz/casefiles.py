"""Saved cases: any file is judged, or refused with a message. The account is rendered in each format."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from functools import cache

from cxone_rollcall.casefile.document import KINDS
from cxone_rollcall.casefile.reader import read
from cxone_rollcall.casefile.writer import write
from cxone_rollcall.errors import SettingError
from cxone_rollcall.findings.judge import account_of
from cxone_rollcall.views import account as text
from cxone_rollcall.views import csv, html, junit
from cxone_rollcall.views import json as documents
from cxone_rollcall.views.columns import COLUMNS
from quality.fuzz.target import Target, must


def feed(data: bytes) -> None:
    """Judge a file like `rollcall case judge`, and render each format."""
    try:
        kept = read(data, "case.json").kept
    except SettingError as refused:
        must(bool(str(refused)), "a refusal has a message")
        return
    account = account_of(kept.case, kept)
    counts = account.counts
    must(
        counts["roster"]
        == sum(counts[one] for one in ("present", "logged_out", "absent", "unknown"))
        == len(kept.roll),
        "the account balances",
        counts,
    )
    must(counts["absent"] == counts["explained"] + counts["unexplained"], "the absent are explained or not", counts)
    must(account.exit_code in range(6) or account.exit_code == 130, "an exit code is one of ours", account.exit_code)
    document = json.loads(b"".join(documents.account(account)))
    must(document["counts"]["roster"] == len(document["agents"]), "the document has all agents")
    shown = text.account(account, cells=100) + text.summary(account)
    for odd in ("\x1b", "\x07", "\x9b", "\u202e"):
        must(odd not in shown, "an account does not move the cursor", odd)
    for pieces in (html.account(account), junit.account(account), csv.account(account, COLUMNS)):
        b"".join(pieces).decode()


_RUNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("v2", ()),
    ("incontact", ()),
    ("v2", ("forbidden=states",)),
)


@cache
def _cases() -> tuple[bytes, ...]:
    """Return cases of small tenants: healthy ones and a faulty one."""
    return tuple(asyncio.run(_case(contract, *faults)) for contract, faults in _RUNS)


async def _case(contract: str, *faults: str) -> bytes:
    # Imported here, because these modules only make the seeds and are not fuzzed.
    from cxone_rollcall.diagnose import check
    from cxone_rollcall.testing import emulated

    async with emulated(6, contract, faults, bodies=True) as (_, _, client):
        return b"".join(write(await check(client), hide=client.secrets.redact))


def _words() -> Iterator[bytes]:
    yield from (f'"{name}"'.encode() for name in KINDS)
    yield from (b'"PROVEN"', b'"absent"', b'"unknown"', b'"logged_out"', b"null", b"1e308", b"9999-12-31T23:59:59Z")


CASE_FILES = Target(
    name="case-files",
    about="saved cases, judged and rendered in each format",
    feed=feed,
    seeds=_cases,
    words=tuple(_words()),
)
TARGETS = (CASE_FILES,)
