"""The table of the strikes, for the terminal and as a page of the docs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from strikes.kinds import KINDS
from strikes.verdict import Ended

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from strikes.plan import Tenant
    from strikes.verdict import Verdict

COLUMNS = ("runs", *(ended.value for ended in (Ended.RIGHT, Ended.PARTIAL, Ended.WRONG, Ended.MISSED)))


def summary(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield the lines of a plain table: one kind a line, and all of them."""
    rows = [*_by_kind(verdicts), ("all", *_counts(verdicts))]
    width = max(len(row[0]) for row in rows)
    yield f"{'':{width}}" + "".join(f"{column:>16}" for column in COLUMNS)
    for name, *counts in rows:
        yield f"{name:{width}}" + "".join(f"{count:>16}" for count in counts)


def _by_kind(verdicts: Sequence[Verdict]) -> Iterator[tuple[str, ...]]:
    for kind in KINDS:
        of = [one for one in verdicts if one.setting.strike is not None and one.setting.strike.kind == kind]
        if of:
            yield (kind.name, *_counts(of))


def _counts(verdicts: Iterable[Verdict]) -> tuple[str, ...]:
    counted = Counter(one.ended for one in verdicts)
    return (
        str(counted.total()),
        *(str(counted[ended]) for ended in (Ended.RIGHT, Ended.PARTIAL, Ended.WRONG, Ended.MISSED)),
    )


def page(verdicts: Sequence[Verdict], asked: Mapping[Tenant, Sequence[str]], machine: Mapping[str, str]) -> str:
    """Return the page."""
    return ""
