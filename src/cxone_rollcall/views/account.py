"""The account on a terminal: the sentence that answers the question, what was done, the findings, the balance."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from cxone_rollcall.findings.account import BENIGN
from cxone_rollcall.findings.check import Ended
from cxone_rollcall.findings.finding import Strength, counted
from cxone_rollcall.findings.internal import Unexplained
from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.base import TenantAsked
from cxone_rollcall.model.observations.roster import RosterRead
from cxone_rollcall.model.observations.states import StatesAsked
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.views.columns import COLUMNS
from cxone_rollcall.views.table import Table
from cxone_rollcall.views.text import brief, fit, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cxone_rollcall.findings.account import Account, Requests
    from cxone_rollcall.findings.finding import Finding
    from cxone_rollcall.model.evidence import Evidence
    from cxone_rollcall.model.roll import RollEntry

MOST_AGENTS = 12
"""How many present agents are listed by name; `rollcall states` lists them all."""
MOST_NAMED = 5
WORTH_A_PACE = 100
"""So many requests take long enough for their pace to matter, though the server throttled none of them."""
MOST_STATES = 24
MOST_SUB_STATES = 8
LONGEST_NAME = 24
LONGEST_TARGET = 56
LONGEST_TEXT = 1_000
"""Cells of a sentence, a list of scopes or a value that was seen; other people's text may be as long as they like."""
_SHOWN_COLUMNS = ("agent_id", "name", "team", "state", "sub_state")
_INDENT = " " * 8


def account(account: Account, *, cells: int | None = None, strong: Callable[[str], str] = str) -> str:
    """Return the account as text, wrapped to `cells` columns where given; `strong` marks what should catch the eye."""
    lines = [headline(account), f"  {_where(account)}", *_steps(account)]
    if account.findings:
        lines.append("")
    for finding in account.findings:
        lines += _finding(finding, account)
    if account.findings:
        lines.append(f"  more about each: rollcall explain {account.findings[0].code}")
    lines += _open_agents(account)
    lines += ["", *_logged_in(account), _checks(account)]
    labels = tuple(dict.fromkeys(f"  {_label(finding)}" for finding in account.findings))
    wrapped = [_wrapped(line, cells) for line in lines]  # before anything is marked: marks take no room
    marked = [_marked(line, labels, strong) for line in wrapped[1:]]
    return "\n".join((strong(wrapped[0]), *marked)) + "\n"


def summary(account: Account) -> str:
    """Return the headline and the findings above NOTE, each in one line: what a listing says beside its rows."""
    return "\n".join((headline(account), *_findings_in_short(account)))


def roster_summary(account: Account) -> str:
    """Return why a roster is not whole, each finding above NOTE in one line."""
    ended = (_brief(account.ended_early),) if account.ended_early else ()
    return "\n".join(("This is not the whole roster.", *ended, *_findings_in_short(account)))


def headline(account: Account) -> str:
    """Return the one sentence that answers the question."""
    count = account.counts
    roster = count["roster"]
    ended = f"{_brief(account.ended_early)}: ".capitalize() if account.ended_early else ""
    if not roster:
        broken = next((finding for finding in account.findings if finding.explains_all), None)
        why = f": {_brief(broken.text)}" if broken else ""
        return f"{ended}No agent could be called{why}"
    parts = []
    if count["absent"]:
        how = f"{count['explained']} explained, {count['unexplained']} not" if count["unexplained"] else "explained"
        parts.append(f"{count['absent']} absent ({how})")
    if count["logged_out"]:
        parts.append(f"{count['logged_out']} logged out")
    if count["unknown"]:
        parts.append(f"{count['unknown']} unknown")
    rest = f"; {', '.join(parts)}" if parts else ""
    return f"{ended}{count['logged_in']} of {counted(roster, 'agent')} logged in{rest}"


def _findings_in_short(account: Account) -> Iterator[str]:
    for finding in account.findings:
        if finding.strength is not Strength.NOTE:
            yield f"  {finding.code} {finding.name}: {_brief(finding.text)}   more  rollcall explain {finding.code}"


def _where(account: Account) -> str:
    tenant = account.tenant
    seconds = (account.finished_at - account.started_at).total_seconds()
    profile = f"  profile {tenant.profile}" if tenant.profile else ""
    sent = counted(account.requests.sent, "request")
    contract = f"{tenant.contract} ({tenant.chosen})" if tenant.chosen else tenant.contract
    return _brief(f"{tenant.instance}  {contract}{profile}  {sent}  {seconds:.1f} s")


def _steps(account: Account) -> Iterator[str]:
    case = account.case
    if TokenGranted in case:
        scopes = case[TokenGranted].scopes
        scoped = TenantAsked not in case or case[TenantAsked].roster_scope
        unsaid = "the token does not say its scopes" if scoped else "its rights are its owner's"
        said = unsaid if scopes is None else f"scopes {' '.join(scopes) or 'none'}"
        yield f"  authenticated  {_brief(said)}"
    if RosterRead in case:
        roster = case[RosterRead]
        whole = "" if account.roll.roster_complete else "  (not the whole roster)"
        yield f"  roster         {counted(roster.agents, 'agent')} on {counted(roster.pages, 'page')}{whole}"
    if StatesAsked in case:
        states = case[StatesAsked]
        how = f"listed in {counted(states.batches, 'request')}"
        if not states.listed:
            how = f"{counted(states.asked, 'agent')} asked by id in {counted(states.batches, 'request')}"
        yield f"  states         {how}: {counted(states.rows, 'row')}"
    if account.requests.throttled or account.requests.sent >= WORTH_A_PACE:
        yield f"  pace           {_pace(account.requests)}"
    if account.requests.probes:
        yield f"  probes: {counted(account.requests.probes, 'request')}"


def _pace(requests: Requests) -> str:
    throttled = f", {requests.throttled} throttled" if requests.throttled else ""
    return f"{requests.per_second:.1f} requests/s reached{throttled}, at most {requests.most_under_way} under way"


def _label(finding: Finding) -> str:
    return f"{finding.code} {fit(finding.name, 22)}"


def _marked(line: str, labels: tuple[str, ...], strong: Callable[[str], str]) -> str:
    label = next((label for label in labels if line.startswith(label)), "")
    return f"{strong(label)}{line[len(label) :]}" if label else line


def _finding(finding: Finding, account: Account) -> Iterator[str]:
    label, strength, extent = _label(finding), fit(finding.strength.value, 9), fit(_extent(finding), 13)
    yield f"  {label} {strength} {extent} {_brief(finding.text)}"
    if finding.strength is Strength.NOTE or finding.code in BENIGN:
        return
    for evidence in finding.evidence:
        yield f"{_INDENT}seen  {_evidence(evidence, account)}"
    if finding.settle:
        yield f"{_INDENT}open  {_brief(finding.settle)}"
    yield f"{_INDENT}fix   {_brief(finding.fix_text)}"


def _extent(finding: Finding) -> str:
    if isinstance(finding, Unexplained):
        return "open"
    if finding.explains_all:
        return "explains all"
    return f"explains {len(finding.explains)}" if finding.explains else ""


def _evidence(evidence: Evidence, account: Account) -> str:
    exchange = account.cited.get(evidence.exchange)
    said = f"{_brief(evidence.claim)}: {_brief(evidence.seen)}"
    if exchange is None:
        return said
    target = brief(exchange.target, LONGEST_TARGET)
    correlation = f" CorrelationId {exchange.correlation}" if exchange.correlation else ""
    where = f"#{exchange.number} {exchange.method} {target} {evidence.pointer}".rstrip()
    return f"{said}   ({_brief(where + correlation)})"


def _open_agents(account: Account) -> Iterator[str]:
    unexplained = set(account.unexplained)
    open_agents = {
        "unexplained": [entry for entry in account.roll.entries if entry.agent.agent_id in unexplained],
        "unknown": account.roll.of(Standing.UNKNOWN),
    }
    for title, entries in open_agents.items():
        if entries:
            names = "; ".join(_called(entry) for entry in entries[:MOST_NAMED])
            more = f"; and {len(entries) - MOST_NAMED} more" if len(entries) > MOST_NAMED else ""
            why = _why_unknown(account, entries) if title == "unknown" else ""
            yield f"  {title} {len(entries)}{why}   {names}{more}"


def _why_unknown(account: Account, entries: Sequence[RollEntry]) -> str:
    """Say why agents are unknown whom no finding explains, "" where there is none such."""
    if any(finding.explains_all for finding in account.findings):
        return ""
    left = [entry for entry in entries if entry.agent.agent_id not in account.codes_by_agent]
    if not left:
        return ""
    if account.ended_early:
        return " (the run was cut short)"
    whose = "their answers" if len(left) == len(entries) else f"the answers of {len(left)} of them"
    return f" (nothing vouches for {whose})"


def _called(entry: RollEntry) -> str:
    agent = entry.agent
    return brief(f"{agent.agent_id} {agent.name}" if agent.name else agent.agent_id, LONGEST_TARGET)


def _logged_in(account: Account) -> Iterator[str]:
    present = account.roll.of(Standing.PRESENT)
    if not present:
        return
    states = account.roll.states().items()
    named = (f"{brief(state, LONGEST_NAME)} {count}{_subs(present, state)}" for state, count in states)
    said = ", ".join(islice(named, MOST_STATES)) + (", ..." if len(states) > MOST_STATES else "")
    yield f"Logged in {len(present)}: {said}"
    table = Table(tuple(column for column in COLUMNS if column.name in _SHOWN_COLUMNS))
    yield from (f"  {table.line(entry)}" for entry in present[:MOST_AGENTS])
    if len(present) > MOST_AGENTS:
        yield f"  and {len(present) - MOST_AGENTS} more; all of them: rollcall states"


def _subs(present: Sequence[RollEntry], state: str) -> str:
    """Return how the agents of a state divide by sub-state, without the state's own name in front of each."""
    counts = Counter(
        row.sub_state.removeprefix(f"{state} - ")
        for entry in present
        if (row := entry.state) is not None and row.state == state and row.sub_state
    )
    if not counts:
        return ""
    named = [f"{brief(name, LONGEST_NAME)} {count}" for name, count in counts.most_common(MOST_SUB_STATES)]
    more = ["..."] if len(counts) > MOST_SUB_STATES else []
    return f" ({', '.join(named + more)})"


def _checks(account: Account) -> str:
    ended = Counter(outcome.ended for outcome in account.outcomes)
    reasons = dict.fromkeys(outcome.why for outcome in account.outcomes if outcome.ended is Ended.SKIPPED)
    why = f" ({'; '.join(map(_brief, reasons))})" if reasons else ""
    return (
        f"checks: {ended[Ended.FOUND]} found   {ended[Ended.CLEAR]} clear   "
        f"{ended[Ended.SKIPPED]} skipped{why}   {ended[Ended.CRASHED]} crashed"
    )


def _wrapped(line: str, cells: int | None) -> str:
    """Break a long line at blanks, the rest indented below its beginning."""
    return wrapped(line, cells, " " * min(len(line) - len(line.lstrip()) + 6, 14))


def _brief(text: str) -> str:
    return brief(text, LONGEST_TEXT)
