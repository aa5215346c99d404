"""The table of the strikes, for the terminal and the documentation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from quality.common.markdown import section, table
from quality.strikes.guards import Missed
from quality.strikes.kinds import KINDS
from quality.strikes.plan import TENANTS, Tenant
from quality.strikes.strike import When
from quality.strikes.verdict import Ended, Verdict

ENDS = (Ended.RIGHT, Ended.PARTIAL, Ended.WRONG, Ended.MISSED)
COLUMNS = ("runs", *(ended.value for ended in ENDS))
HEAD = """\
# Every fault at every request

Written by `python3 dev.py strikes`; do not edit.

What does `rollcall check` report if any response is broken in any way? A proxy stands between the command (with
`--probes deep`) and an emulated tenant. It relays all responses except the one that it strikes. Each kind of strike is
tried at each request of a run (the token, each page of the roster, each request for states, each probe):

- *once*: the first time that this request is sent,
- *always*: each time,
- *onwards*: this request and all later ones (only at each sixth request, because it shows less than the others).

Three tenants have noise of their own: rows that come and go, a cache that mixes up responses, two backends that differ.
They are struck at each sixth request.

Waits between the tries of a request are shortened; no try is left out.

A run is **right** if it reports the same about each agent as a run without faults and strikes. It is an **honest
partial** if each difference is "unknown" or an incomplete roster, a finding explains each unknown agent, and the exit
code is 3, 4 or 5. Anything else is **wrong**: a wrong standing, counts that do not add up, an incomplete roster called
complete, a `PROVEN` code that fits neither strike nor fault, a secret in the output, a request to another host, a
traceback, or more requests than 4 times those of that run plus 80. Runs that did not send the request are *not struck*.
"""
GUARDS_HEAD = """\
Would these tests notice a missing safeguard? Each guard is removed from a copy of the sources, one at a time. Then the
same strikes run until one run is wrong."""


def summary(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield the lines of a table: one per kind, and the sum."""
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
        *section("In short", table(("what", "number"), _in_short(verdicts, asked))),
        *section("Tenants", table(("tenant", "what it is", "requests", *COLUMNS), _by_tenant(verdicts, asked))),
        *section("Every kind", table(("kind", "what happens", *COLUMNS), _described(verdicts))),
        *section("How often", table(("struck", *COLUMNS), _by_when(verdicts))),
        *section("Errors", _wrong(verdicts)),
        *section("Without a guard", [GUARDS_HEAD], table(("guard", "first error without it"), _guards(missed))),
        *section("Machine and versions", table(("what", "value"), machine.items())),
    ]
    return "\n".join(parts)


def _in_short(verdicts: Sequence[Verdict], asked: Mapping[Tenant, Sequence[str]]) -> Iterator[Sequence[str]]:
    yield "kinds of strike", str(len({one.setting.strike.kind.name for one in verdicts if one.setting.strike}))
    yield "struck requests", str(sum(map(len, asked.values())))
    for name, count in zip(COLUMNS, _counts(verdicts), strict=True):
        yield name, f"{int(count):,}"
    yield "most requests of a run", str(max((one.requests for one in verdicts), default=0))


def _by_tenant(verdicts: Sequence[Verdict], asked: Mapping[Tenant, Sequence[str]]) -> Iterator[Sequence[str]]:
    for tenant in TENANTS:
        of = [one for one in verdicts if one.setting.tenant == tenant]
        yield tenant.name, tenant.about, str(len(asked.get(tenant, ()))), *_counts(of)


def _described(verdicts: Sequence[Verdict]) -> Iterator[Sequence[str]]:
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
        yield "None."
        return
    yield from table(("run", "error"), ((one.setting.in_words, "; ".join(one.wrong)) for one in found))


def _guards(missed: Iterable[Missed]) -> Iterator[Sequence[str]]:
    for one in missed:
        yield one.guard.name, one.wrong or "**none**"
