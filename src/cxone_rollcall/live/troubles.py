"""The findings of a tenant over time: when each begins and ends."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from cxone_rollcall.findings.account import BENIGN, Account
from cxone_rollcall.findings.catalogue import CHECKS
from cxone_rollcall.findings.check import Ended
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.findings.internal import Unexplained
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.wording import counted

_CODES = {check.name: frozenset(finding.code for finding in check.finds) for check in CHECKS}


class Troubles:
    """The findings that hold now, by code.

    Those that merely say why somebody is not at work are left out. A finding begins again if its strength or its agents
    change.

    A finding ends only on evidence: its check has run and found it no more. A check that was skipped proves nothing.
    """

    def __init__(self) -> None:
        self._now: dict[str, Finding] = {}
        self.now: Final = MappingProxyType(self._now)
        self.judged: frozenset[str] = frozenset()
        """The codes whose check has run so far. Of others nothing is known."""

    def update(self, account: Account) -> Iterator[tuple[Finding, bool]]:
        """Take a diagnosis. Yields each finding that begins (True) or ends (False)."""
        found = {finding.code: finding for finding in account.findings if finding.code not in BENIGN}
        judged = frozenset[str]().union(
            *(_CODES.get(one.check, frozenset()) for one in account.outcomes if one.ended in (Ended.FOUND, Ended.CLEAR))
        )
        self.judged |= judged
        for code in [code for code in self._now if code not in found and code in judged]:
            yield self._now.pop(code), False
        for code, finding in found.items():
            before = self._now.get(code)
            self._now[code] = finding
            if before is None or _extent(before) != _extent(finding):
                yield finding, True

    def explained(self, account: Account) -> dict[str, tuple[str, ...]]:
        """The codes of the findings that explain each agent, by id.

        A finding that still holds counts, although the last diagnosis did not look for it.
        """
        codes = dict(account.codes_by_agent)
        found = {finding.code for finding in account.findings}
        open_ = {*account.roll.ids(Standing.ABSENT), *account.roll.ids(Standing.UNKNOWN)}
        for finding in self._now.values():
            for agent_id in finding.explains if finding.code not in found else ():
                if agent_id in open_:
                    known = tuple(code for code in codes.get(agent_id, ()) if code != Unexplained.code)
                    codes[agent_id] = (*known, finding.code)
        return codes


def why_not_whole(account: Account, before: int) -> str:
    """Why a whole look does not account for everybody, in one line. The look `before` had so many agents."""
    unknown, listed = set(account.roll.ids(Standing.UNKNOWN)), len(account.roll)
    if listed and not unknown and account.roll.roster_complete:
        return f"the roster has {counted(listed, 'agent')}, not {before}: it is read again"
    what = f"{counted(len(unknown), 'agent')} unknown" if unknown else "the roster is incomplete"
    causes = (
        f" ({one.code} {one.name})"
        for one in account.findings
        if one.explains_all or (not unknown.isdisjoint(one.explains) if unknown else _is_to_fix(one))
    )
    return (what if listed else "no agent could be asked for") + next(causes, "")


def _is_to_fix(finding: Finding) -> bool:
    return finding.strength is not Strength.NOTE and finding.code not in BENIGN


def _extent(finding: Finding) -> tuple[object, ...]:
    return finding.strength, finding.explains_all, finding.explains
