"""The findings of a tenant over time: when each begins and ends."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from cxone_rollcall.findings.account import BENIGN, Account
from cxone_rollcall.findings.catalogue import CHECKS
from cxone_rollcall.findings.check import Ended
from cxone_rollcall.findings.finding import Finding

_CODES = {check.name: frozenset(finding.code for finding in check.finds) for check in CHECKS}


class Troubles:
    """The findings that hold now, by code.

    Those that merely say why somebody is not at work are left out.

    A finding ends only on evidence: its check has run and found it no more. A check that was skipped proves nothing.
    """

    def __init__(self) -> None:
        self._now: dict[str, Finding] = {}
        self.now: Final = MappingProxyType(self._now)

    def update(self, account: Account) -> Iterator[tuple[Finding, bool]]:
        """Take a diagnosis. Yields each finding that begins (True) or ends (False)."""
        found = {finding.code: finding for finding in account.findings if finding.code not in BENIGN}
        judged = frozenset[str]().union(
            *(_CODES.get(one.check, frozenset()) for one in account.outcomes if one.ended in (Ended.FOUND, Ended.CLEAR))
        )
        for code in [code for code in self._now if code not in found and code in judged]:
            yield self._now.pop(code), False
        for code, finding in found.items():
            before = self._now.get(code)
            self._now[code] = finding
            if before is None or before.strength is not finding.strength:
                yield finding, True
