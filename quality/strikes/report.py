"""The table of the strikes, for the terminal and as a page of the docs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from quality.common.markdown import section, table
from quality.strikes.kinds import KINDS
from quality.strikes.plan import TENANTS
from quality.strikes.strike import When
from quality.strikes.verdict import Ended

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from quality.strikes.guards import Missed
    from quality.strikes.plan import Tenant
    from quality.strikes.verdict import Verdict

ENDS = (Ended.RIGHT, Ended.PARTIAL, Ended.WRONG, Ended.MISSED)
COLUMNS = ("runs", *(ended.value for ended in ENDS))
HEAD = """\
# Every fault at every request

Written by `python3 dev.py strikes`; do not edit.

Between the real command (`rollcall check --probes deep`) and an emulated tenant stands a go-between on a socket, which
passes everything on but for the answer that it strikes. Each kind of strike is tried at each request that a healthy run
makes (the token, every page of the roster, every question for states, every probe): *once*, when that question is first
asked; *always*, each time that it is asked; and *onwards*, with everything that is asked from there on (this at each
sixth request: it tells less than the others). The pauses between the tries of a request are shortened, none is left
out.

A run is **right** where it says of everybody what the healthy run says. It is an **honest partial** where whatever else
it says is "unknown", or that the roster is not whole; where a finding says why of each agent who is unknown; and where
the exit code says so too (3, 4 or 5). Anything else is **wrong**: somebody called absent, logged out or present who is
not, an account that does not balance, a roster called whole that is not, a code that is PROVEN and does not fit the
strike, a secret on the screen or in the account, a request to another host, a traceback, or more than four times the
requests of a healthy run and eighty. *Not struck* are runs in which the question was not asked.
"""
GUARDS_HEAD = """\
Whether the judge would notice: each of these guards is taken out of a copy of the sources, one at a time, and the same
strikes are run until something is wrong.
"""


def summary(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield the lines of a plain table: one kind a line, and all of them."""
    rows = [*_by_kind(verdicts), ("all", *_counts(verdicts))]
    width = max(len(row[0]) for row in rows)
    yield f"{'':{width}}" + "".join(f"{column:>16}" for column in COLUMNS)
    for name, *counts in rows:
        yield f"{name:{width}}" + "".join(f"{count:>16}" for count in counts)


def page(
    verdicts: Sequence[Verdict],
    asked: Mapping[Tenant, Sequence[str]],
    missed: Sequence[Missed],
    machine: Mapping[str, str],
) -> str:
    """Return the whole page."""
    parts = [
        HEAD,
        *section("In short", table(("what", "how many"), _in_short(verdicts, asked))),
        *section("Tenants", table(("tenant", "what it is", "requests", *COLUMNS), _by_tenant(verdicts, asked))),
        *section("Every kind", table(("kind", "what is done", *COLUMNS), _told(verdicts))),
        *section("How often", table(("struck", *COLUMNS), _by_when(verdicts))),
        *section("What is wrong", _wrong(verdicts)),
        *section(
            "Without a guard", (GUARDS_HEAD, *table(("guard", "the first wrong of a run without it"), _guards(missed)))
        ),
        *section("Machine and versions", table(("what", "is"), machine.items())),
    ]
    return "\n".join(parts)


def _in_short(verdicts: Sequence[Verdict], asked: Mapping[Tenant, Sequence[str]]) -> Iterator[Sequence[str]]:
    yield "kinds of strike", str(len({one.setting.strike.kind.name for one in verdicts if one.setting.strike}))
    yield "requests that are struck", str(sum(map(len, asked.values())))
    for name, count in zip(COLUMNS, _counts(verdicts), strict=True):
        yield name, f"{int(count):,}"
    yield "most requests of a run", str(max((one.requests for one in verdicts), default=0))


def _by_tenant(verdicts: Sequence[Verdict], asked: Mapping[Tenant, Sequence[str]]) -> Iterator[Sequence[str]]:
    for tenant in TENANTS:
        of = [one for one in verdicts if one.setting.tenant == tenant]
        yield tenant.name, tenant.about, str(len(asked.get(tenant, ()))), *_counts(of)


def _told(verdicts: Sequence[Verdict]) -> Iterator[Sequence[str]]:
    about = {kind.name: kind.about for kind in KINDS}
    for name, *counts in _by_kind(verdicts):
        yield f"`{name}`", about[name], *counts


def _by_kind(verdicts: Sequence[Verdict]) -> Iterator[tuple[str, ...]]:
    for kind in KINDS:
        of = [one for one in verdicts if one.setting.strike is not None and one.setting.strike.kind == kind]
        if of:
            yield kind.name, *_counts(of)


def _by_when(verdicts: Sequence[Verdict]) -> Iterator[Sequence[str]]:
    for when in When:
        of = [one for one in verdicts if one.setting.strike is not None and one.setting.strike.when is when]
        yield when.value, *_counts(of)


def _counts(verdicts: Iterable[Verdict]) -> tuple[str, ...]:
    counted = Counter(one.ended for one in verdicts)
    return str(counted.total()), *(str(counted[ended]) for ended in ENDS)


def _wrong(verdicts: Iterable[Verdict]) -> Iterator[str]:
    found = [one for one in verdicts if one.ended is Ended.WRONG]
    if not found:
        yield "Nothing."
        return
    yield from table(("run", "what is wrong"), ((one.setting.in_words, "; ".join(one.wrong)) for one in found))


def _guards(missed: Iterable[Missed]) -> Iterator[Sequence[str]]:
    for one in missed:
        yield one.guard.name, one.wrong or "**nothing**"
