"""The answer for each agent.

One sentence, the evidence, what would settle doubts, and the next command. Only what is proven is stated as a fact.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from cxone_rollcall.findings.account import Account
from cxone_rollcall.findings.contract_facts import row_exchange
from cxone_rollcall.findings.contradiction import YOU_SEE, Contradicted
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.findings.next_command import why as why_command
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.base import Selected, TenantAsked
from cxone_rollcall.model.observations.probes import ExpectedLoggedIn, LookedCloser, Sign
from cxone_rollcall.model.observations.roster import RosterRead
from cxone_rollcall.model.observations.states import StatesSeen
from cxone_rollcall.model.roll import RollEntry, Standing
from cxone_rollcall.model.shell import command_line
from cxone_rollcall.model.struct import Value
from cxone_rollcall.model.timestamp import parse_timestamp

OTHER_PLACE = (
    "the desktop is logged in to another tenant or business unit, to another agent id, "
    "or the API is behind (RC604, RC702)"
)


class Answer(Value, frozen=True, kw_only=True):
    """The answer about one agent, or about a text that matches none.

    `findings` are those about this agent, `proof` is further evidence. `command` is the next command to type, "" if
    there is nothing left to ask.
    """

    asked_as: str
    agent: Agent | None
    sentence: str
    findings: tuple[Finding, ...]
    settle: tuple[str, ...]
    fix: tuple[str, ...]
    command: str
    taken_for: bool = False
    proof: tuple[Evidence, ...] = ()


def answers(account: Account) -> tuple[Answer, ...]:
    """One answer for each agent of a `rollcall why`, as typed. Other runs have none."""
    selected = account.case.get(Selected)
    if selected is None or not selected.why:
        return ()
    order: dict[str | None, int] = {text: place for place, text in enumerate(selected.agents)}
    entries = sorted(account.roll.entries, key=lambda entry: order.get(entry.asked_as, 0))
    named = {entry.asked_as for entry in entries}
    return (
        *(_answer(account, entry) for entry in entries),
        *(_unasked(account, text) for text in selected.unknown if text not in named),
    )


def _answer(account: Account, entry: RollEntry) -> Answer:
    asked_as = entry.asked_as or entry.agent.agent_id
    agent_id = entry.agent.agent_id
    about, signs = _about(account, agent_id), _signs(account, agent_id)
    settle = [finding.settle for finding in about if finding.settle and finding.strength is not Strength.NOTE]
    if entry.standing is not Standing.PRESENT:
        settle += [f"{sign.or_else}: run it with an account that may" for sign in signs if sign.or_else]
    cited = {evidence.exchange for finding in about for evidence in finding.evidence}
    proof = [] if any(finding.explains for finding in about) else _row(account, entry)
    proof += [sign.evidence for sign in signs if sign.evidence.exchange not in cited or not sign.against]
    against = next((finding.against for finding in about if isinstance(finding, Contradicted)), "")
    return Answer(
        asked_as=asked_as,
        agent=entry.agent,
        sentence=_contradicted(account, entry, against) if against else _sentence(account, entry, about),
        taken_for=not entry.agent.is_called(asked_as),
        findings=about,
        proof=tuple(proof),
        settle=tuple(dict.fromkeys(settle)),
        fix=tuple(dict.fromkeys(finding.fix_text for finding in about if finding.strength is not Strength.NOTE)),
        command=_command(account, entry, about, contradicted=bool(against)),
    )


def _about(account: Account, agent_id: str) -> tuple[Finding, ...]:
    """The findings that explain this agent, or everything."""
    return tuple(finding for finding in account.findings if agent_id in finding.explains or finding.explains_all)


def _sentence(account: Account, entry: RollEntry, about: tuple[Finding, ...]) -> str:
    say: dict[Standing, Callable[[], str]] = {
        Standing.PRESENT: lambda: _present(account, entry, about),
        Standing.LOGGED_OUT: lambda: _logged_out(account, entry),
        Standing.ABSENT: lambda: _absent(account, entry, about),
        Standing.UNKNOWN: lambda: _unknown(account, entry, about),
    }
    return say[entry.standing]()


def called(agent: Agent) -> str:
    """An agent's name and id."""
    return f"{agent.name} ({agent.agent_id})" if agent.name else agent.agent_id


def _present(account: Account, entry: RollEntry, about: tuple[Finding, ...]) -> str:
    codes = {finding.code for finding in about}
    who, state = called(entry.agent), entry.state
    doing = (state and state.both_names) or "in a state without a name"
    stale = next((finding for finding in account.findings if finding.code == "RC702"), None)
    was = f"was logged in at that time ({stale.text})" if stale else "is logged in"
    sentence = f"{who} {was}: {doing}{_since(account, entry)}"
    if "RC402" in codes:
        return f"{sentence}; the roster that was read does not have it"
    if "RC509" in codes:
        return f"{sentence}; or not: it has two rows that contradict each other"
    if "RC604" in codes:
        return f"{sentence}; it had no row at first, and has one now"
    asked = next((finding for finding in about if finding.code in ("RC406", "RC407", "RC801")), None)
    return f"{sentence}; a request with --state does not show it: {asked.text}" if asked is not None else sentence


def _logged_out(account: Account, entry: RollEntry) -> str:
    stale = any(finding.code == "RC702" for finding in account.findings)
    state = (entry.state.state if entry.state else None) or "logged out"
    what = "was not logged in when the API last polled, which is a while ago" if stale else "is not logged in"
    return f"{called(entry.agent)} {what}: the API says {state}{_since(account, entry)}"


def _absent(account: Account, entry: RollEntry, about: tuple[Finding, ...]) -> str:
    who = called(entry.agent)
    first = next((finding for finding in about if finding.strength is not Strength.NOTE), None)
    if first is None:
        return f"{who} has no state, and no finding explains it"
    if first.code == "RC402":
        return _nobody(account, entry)
    sure = first.strength is Strength.PROVEN
    sentence = {
        "RC601": f"{who} is probably not logged in: it had no state in a response that did include others",
        "RC602": f"{who} has no state because it is inactive, as the roster says",
        "RC603": f"{who} has no state because it has never logged in: its last login is empty in the roster",
        "RC606": f"{who} {'is' if sure else 'may be'} active elsewhere, though it has no state: {first.text}",
        "RC902": f"{who} has no row, although other logged-out agents have one: no finding explains it",
    }.get(first.code)
    if sentence is None:
        sentence = f"{who} has no state: {first.text}"
    or_else = [sign.or_else for sign in _signs(account, entry.agent.agent_id) if sign.or_else]
    if first.code == "RC601" and entry.agent.last_login == "":
        sentence = f"{sentence}; the roster has no login of it either"
    return f"{sentence}; but {or_else[0]}" if or_else and first.code == "RC601" else sentence


def _unknown(account: Account, entry: RollEntry, about: tuple[Finding, ...]) -> str:
    first = next((finding for finding in about if finding.strength is not Strength.NOTE), None)
    if first is not None and first.code == "RC402":
        return _nobody(account, entry)
    why = _because(account, first)
    return f"{called(entry.agent)} has no state, but it may be logged in: unknown, because {why}"


def _unasked(account: Account, text: str) -> Answer:
    """The answer if the run ended before any state was requested."""
    about = tuple(finding for finding in account.findings if finding.explains_all)
    first = about[0] if about else None
    return Answer(
        asked_as=text,
        agent=None,
        sentence=f"Nothing is known about {text}: {_because(account, first)}",
        findings=about,
        settle=tuple(finding.settle for finding in about if finding.settle),
        fix=tuple(finding.fix_text for finding in about),
        command=f"rollcall explain {first.code}" if first else "",
    )


def _because(account: Account, finding: Finding | None) -> str:
    if finding is None:
        return account.ended_early or "the response did not include any other agent"
    return finding.text


def _nobody(account: Account, entry: RollEntry) -> str:
    if not account.roll.roster_complete:
        return f"No agent {entry.agent.agent_id} is on the part of the roster that was read, which is not all of it"
    sentence = f"No agent on the roster has {entry.agent.agent_id} as id, user name, e-mail, name or user id"
    if account.hiding:
        return f"{sentence}; it may be hidden from this account ({', '.join(account.hiding)})"
    return f"{sentence}: there is no such agent, or this account may not list it"


def _contradicted(account: Account, entry: RollEntry, against: str) -> str:
    who = called(entry.agent)
    state = (entry.state.state if entry.state else None) or "logged out"
    api = f"the API says {state}" if entry.standing is Standing.LOGGED_OUT else "the API has no row for it"
    by_roster = (one for one in account.findings if one.code in ("RC602", "RC603"))
    also = next((f": {one.text}" for one in by_roster if entry.agent.agent_id in one.explains), "")
    if against.startswith(YOU_SEE):
        return f"{who}: {api}{also}; {against}: then {OTHER_PLACE}"
    return f"{who}: {api}{also}, and yet there is {against}: nothing shows which is true"


def _signs(account: Account, agent_id: str) -> tuple[Sign, ...]:
    looked = account.case.get(LookedCloser)
    return looked.of(agent_id) if looked is not None else ()


def _row(account: Account, entry: RollEntry) -> list[Evidence]:
    """The row of an agent, as evidence."""
    case, agent_id, state = account.case, entry.agent.agent_id, entry.state
    if state is None or StatesSeen not in case:
        return []
    exchange = row_exchange(case, agent_id)
    seen = state.both_names or "a row without a state"
    return [Evidence(f"the row of {agent_id}", exchange, case[TenantAsked].states_rows, seen)]


def _since(account: Account, entry: RollEntry) -> str:
    """When the state began, as time of day in UTC. With the date if that is another day."""
    since = entry.state.since if entry.state else None
    seconds = parse_timestamp(since)
    if seconds is None:
        return f", since {since}" if since else ""
    began = datetime.fromtimestamp(seconds, UTC)
    same_day = began.date() == account.finished_at.astimezone(UTC).date()
    return f", since {began:%H:%M} UTC" if same_day else f", since {began:%Y-%m-%d %H:%M} UTC"


def _command(account: Account, entry: RollEntry, about: tuple[Finding, ...], *, contradicted: bool) -> str:
    """The next command to type, for the same tenant."""
    agent_id, tenant = entry.agent.agent_id, account.tenant.options
    first = next((finding for finding in about if finding.strength is not Strength.NOTE), None)
    if contradicted or (first is not None and first.code == "RC902"):
        return why_command(agent_id, "--grace", "60", "--save", "case.json", *tenant)
    if first is None:
        return "" if entry.standing is Standing.PRESENT else why_command(agent_id, "-v", *tenant)
    if first.code == "RC601" and first.strength is Strength.SUSPECTED and ExpectedLoggedIn not in account.case:
        return f"{why_command(agent_id, '--expect-logged-in', *tenant)}, if you see it logged in"
    if first.code == "RC402" and RosterRead in account.case:
        return command_line(("rollcall", "agents", *tenant))
    return f"rollcall explain {first.code}"
