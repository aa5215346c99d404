"""The account on a terminal: headline, requests, findings, states."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from cxone_rollcall.findings.account import Account, Requests, Verdict
from cxone_rollcall.findings.check import Ended
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.base import TenantAsked
from cxone_rollcall.model.observations.roster import RosterRead
from cxone_rollcall.model.observations.states import StatesAsked
from cxone_rollcall.model.roll import RollEntry, Standing
from cxone_rollcall.model.shell import command_line
from cxone_rollcall.model.wording import counted
from cxone_rollcall.views import attendance
from cxone_rollcall.views.evidence import (
    evidence_line,
    extent,
    hanging,
    how_states_came,
    name_and_id,
    needs_fix,
    short,
)
from cxone_rollcall.views.table import AGENTS, fitted, line
from cxone_rollcall.views.text import brief, fit

MOST_AGENTS = 5
"""Present agents listed by name. If there are more, only `rollcall states` lists them."""
MOST_NAMED = 5
MANY_REQUESTS = 100
"""Requests from which the rate is shown even without throttling."""
MOST_STATES = 24
MOST_SUB_STATES = 8
LONGEST_NAME = 24
_INDENT = " " * 8
_ORDER = (Ended.FOUND, Ended.CLEAR, Ended.SKIPPED, Ended.CRASHED)


def account(
    account: Account, *, detailed: bool = False, cells: int | None = None, strong: Callable[[str], str] = str
) -> str:
    """The account as text, wrapped to `cells` columns if given. `strong` marks what should catch the eye.

    If nothing needs fixing it is short, unless `detailed`; only then it says why checks were skipped.
    """
    lines = [headline(account), f"  {_where(account)}"]
    if account.attendance:
        lines += [*attendance.lines(account.attendance), f"  all agents   {_on_roll(account)}"]
    if detailed or account.verdict_on_roll is not Verdict.COMPLETE:
        lines += _steps(account)
    lines += _pace(account.requests)
    if account.findings:
        lines.append("")
    for finding in account.findings:
        lines += _finding(finding, account)
    if hints := "; ".join(_hints(account)):
        lines.append(f"  {hints}")
    lines += _open_agents(account)
    lines += ["", *_logged_in(account, cells), *_checks(account, detailed=detailed)]
    labels = tuple(dict.fromkeys(f"  {_label(finding, account)}" for finding in account.findings))
    wrapped = [hanging(one, cells) for one in lines]  # before marking: marks take no cells
    marked = [_marked(one, labels, strong) for one in wrapped[1:]]
    return "\n".join((strong(wrapped[0]), *marked)) + "\n"


def summary(account: Account) -> str:
    """The headline and the findings above NOTE, each in one line."""
    people = attendance.lines(account.attendance) if account.attendance else ()
    return "\n".join((headline(account), *people, *_findings_in_short(account)))


def roster_summary(account: Account) -> str:
    """What is wrong with the roster. Each finding above NOTE is one line."""
    incomplete = ("The roster is incomplete.",) if account.ended_early or not account.roll.roster_complete else ()
    ended = (short(account.ended_early),) if account.ended_early else ()
    return "\n".join((*incomplete, *ended, *_findings_in_short(account)))


def headline(account: Account) -> str:
    """The one sentence that answers the question."""
    if account.attendance:
        return attendance.headline(account.attendance)
    return _on_roll(account)


def _on_roll(account: Account) -> str:
    """How many agents are logged in, and what the others are."""
    count = account.counts
    roster = count["roster"]
    ended = f"{short(account.ended_early)}: ".capitalize() if account.ended_early else ""
    if not roster:
        broken = next((finding for finding in account.findings if finding.explains_all), None)
        why = f": {short(broken.text)}" if broken else ""
        return f"{ended}No agent's state could be requested{why}"
    parts = []
    if count["absent"]:
        how = f"{count['explained']} explained, {count['unexplained']} not" if count["unexplained"] else "explained"
        parts.append(f"{count['absent']} absent ({how})")
    if count["logged_out"]:
        parts.append(f"{count['logged_out']} logged out")
    if count["unknown"]:
        parts.append(f"{count['unknown']} unknown")
    if account.ended_early and (unread := _unread(account)):
        parts.append(f"{unread} more on the roster not read")
    rest = f"; {', '.join(parts)}" if parts else ""
    return f"{ended}{count['logged_in']} of {counted(roster, 'agent')} logged in{rest}"


def _unread(account: Account) -> int:
    """Agents that the server counts and no page that was read has."""
    roster = account.case.get(RosterRead)
    return max((roster.total or 0) - roster.agents, 0) if roster is not None else 0


def _findings_in_short(account: Account) -> Iterator[str]:
    for finding in account.findings:
        if finding.strength is not Strength.NOTE:
            yield f"  {finding.code} {finding.name}: {short(finding.text)}   details: rollcall explain {finding.code}"
            if needs_fix(finding):
                yield f"        fix  {short(finding.fix_text)}"


def _where(account: Account) -> str:
    tenant = account.tenant
    seconds = (account.finished_at - account.started_at).total_seconds()
    profile = f"  profile {tenant.profile}" if tenant.profile else ""
    sent = counted(account.requests.sent, "request")
    contract = f"{tenant.contract} ({tenant.chosen})" if tenant.chosen else tenant.contract
    return short(f"{tenant.instance}  {contract}{profile}  {sent}  {seconds:.1f} s")


def _steps(account: Account) -> Iterator[str]:
    case = account.case
    if TokenGranted in case:
        scopes = case[TokenGranted].scopes
        scoped = TenantAsked not in case or case[TenantAsked].roster_scope
        unnamed = "the token does not name its scopes" if scoped else "with the key owner's permissions"
        text = unnamed if scopes is None else f"scopes {' '.join(scopes) or 'none'}"
        yield f"  authenticated  {short(text)}"
    if RosterRead in case:
        roster = case[RosterRead]
        whole = "" if account.roll.roster_complete else "  (incomplete)"
        yield f"  roster         {counted(roster.agents, 'agent')} on {counted(roster.pages, 'page')}{whole}"
    if StatesAsked in case:
        yield f"  states         {how_states_came(case[StatesAsked])}"
    if account.requests.probes:
        yield f"  probes         {counted(account.requests.probes, 'request')}"


def _pace(requests: Requests) -> Iterator[str]:
    if requests.throttled or requests.sent >= MANY_REQUESTS:
        throttled = f", {requests.throttled} throttled" if requests.throttled else ""
        pace = f"{requests.per_second:.1f} requests/s{throttled}, at most {requests.most_under_way} in flight"
        yield f"  pace           {pace}"


def _label(finding: Finding, account: Account) -> str:
    longest = max(len(one.name) for one in account.findings)
    return f"{finding.code} {fit(finding.name, longest)}"


def _marked(text: str, labels: tuple[str, ...], strong: Callable[[str], str]) -> str:
    for label in labels:
        if text.startswith(label):
            return f"{strong(label)}{text[len(label) :]}"
    return text


def _finding(finding: Finding, account: Account) -> Iterator[str]:
    label, strength = _label(finding, account), fit(finding.strength.value, 9)
    explains = "" if finding.text.startswith(counted(len(finding.explains), "agent")) else extent(finding)
    yield f"  {label} {strength}  {explains}{': ' if explains else ''}{short(finding.text)}"
    if not needs_fix(finding):
        return
    for evidence in finding.evidence:
        yield f"{_INDENT}seen     {evidence_line(evidence, account)}"
    if finding.settle:
        yield f"{_INDENT}confirm  {short(finding.settle)}"
    yield f"{_INDENT}fix      {short(finding.fix_text)}"


def _open_agents(account: Account) -> Iterator[str]:
    unexplained = set(account.unexplained)
    open_agents = {
        "unexplained": [entry for entry in account.roll.entries if entry.agent.agent_id in unexplained],
        "unknown": account.roll.of(Standing.UNKNOWN),
    }
    for title, entries in open_agents.items():
        if entries:
            names = "; ".join(name_and_id(entry.agent) for entry in entries[:MOST_NAMED])
            more = f"; and {len(entries) - MOST_NAMED} more" if len(entries) > MOST_NAMED else ""
            why = _why_unknown(account, entries) if title == "unknown" else ""
            yield f"  {title} {len(entries)}{why}   {names}{more}"


def _why_unknown(account: Account, entries: Sequence[RollEntry]) -> str:
    """Why unexplained agents are unknown; "" if findings explain them all."""
    if any(finding.explains_all for finding in account.findings):
        return ""
    left = [entry for entry in entries if entry.agent.agent_id not in account.codes_by_agent]
    if not left:
        return ""
    if account.ended_early:
        return " (the run ended early)"
    which = "their responses" if len(left) == len(entries) else f"the responses for {len(left)} of them"
    return f" ({which} may be incomplete)"


def _hints(account: Account) -> Iterator[str]:
    """The commands that show more."""
    if account.findings:
        yield f"details: rollcall explain {account.findings[0].code}"
    if account.counts["present"] > MOST_AGENTS:
        yield f"each agent: {short(command_line(('rollcall', 'states', *account.tenant.options)))}"


def _logged_in(account: Account, cells: int | None) -> Iterator[str]:
    present = account.roll.of(Standing.PRESENT)
    if not present:
        return
    states = account.roll.states().items()
    named = (f"{brief(state, LONGEST_NAME)} {count}{_subs(present, state)}" for state, count in states)
    text = ", ".join(islice(named, MOST_STATES)) + (", ..." if len(states) > MOST_STATES else "")
    yield f"Logged in {len(present)}: {text}"
    room = None if cells is None else cells - 2
    columns = fitted(AGENTS, room)
    yield from (f"  {line(columns, entry, room)}" for entry in (() if len(present) > MOST_AGENTS else present))


def _subs(present: Sequence[RollEntry], state: str) -> str:
    """The agents of a state by sub-state, such as ` (Lunch 18, Coffee 6)`."""
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


def _checks(account: Account, *, detailed: bool) -> Iterator[str]:
    ended = Counter(outcome.ended for outcome in account.outcomes)
    yield f"checks: {', '.join(f'{ended[one]} {one.value}' for one in _ORDER)}"
    reasons = dict.fromkeys(outcome.why for outcome in account.outcomes if outcome.ended is Ended.SKIPPED)
    if reasons and detailed:
        yield f"  skipped because  {'; '.join(map(short, reasons))}"
