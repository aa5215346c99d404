"""The account as a self-contained HTML page: no script, font, picture, server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from cxone_rollcall.findings.account import Account, Verdict
from cxone_rollcall.findings.request_sentence import sentence
from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.request import RequestAsked
from cxone_rollcall.model.observations.roster import RosterRead
from cxone_rollcall.model.observations.states import StatesAsked
from cxone_rollcall.model.wording import counted
from cxone_rollcall.version import __version__
from cxone_rollcall.views.account import headline
from cxone_rollcall.views.evidence import how_states_came
from cxone_rollcall.views.html.agents import agents, balance
from cxone_rollcall.views.html.answers import answered
from cxone_rollcall.views.html.escape import shown
from cxone_rollcall.views.html.expected import expected
from cxone_rollcall.views.html.findings import checks, findings, to_change
from cxone_rollcall.views.html.page import begin
from cxone_rollcall.views.html.request import request
from cxone_rollcall.views.html.timeline import timeline

if TYPE_CHECKING:
    from cxone_rollcall.why.answer import Answer

ABOUT = (
    "Rollcall lists every agent of a CXone tenant and requests the state of each from the API. For each agent without"
    " a state it shows what is known about the reason, and the requests that prove it."
)
VERDICTS = {
    Verdict.COMPLETE: "Every agent is accounted for, and nothing needs fixing.",
    Verdict.MEND: "Every agent is accounted for, and something needs fixing.",
    Verdict.CANNOT_TELL: "Not every agent can be accounted for.",
    Verdict.REFUSED: "The API refused access, so nothing is known about the agents.",
    Verdict.NOT_REACHED: "The API was not reached, so nothing is known about the agents.",
    Verdict.INTERRUPTED: "The run was interrupted; this is what was known at that point.",
}

REQUEST = ("request", "Request")
ANSWERS = ("answers", "Why")
EXPECTED = ("expected", "Expected")
SECTIONS = (
    ("change", "What to change"),
    ("balance", "Balance"),
    ("findings", "Findings"),
    ("checks", "Ruled out"),
    ("requests", "Requests"),
    ("agents", "Agents"),
    ("run", "Run"),
)


def account(account: Account, said: Sequence[Answer] = ()) -> Iterator[bytes]:
    """Yield an account as one HTML page in UTF-8. `said` are the answers of `rollcall why`."""
    for piece in _pieces(account, said):
        yield piece.encode("utf-8", "backslashreplace")


def _pieces(account: Account, said: Sequence[Answer]) -> Iterator[str]:
    asked = account.case.get(RequestAsked)
    sections = (*((REQUEST,) if asked else ()), *((ANSWERS,) if said else ()))
    sections = (*sections, *((EXPECTED,) if account.attendance else ()), *SECTIONS)
    answer = sentence(account, asked) if asked else said[0].sentence if len(said) == 1 else headline(account)
    heading = shown(answer)
    yield f"{begin(f'{heading} - rollcall')}<header>"
    yield f"<p class=where>Rollcall report on {shown(account.tenant.instance)}</p>"
    yield f"<h1>{heading}</h1>"
    yield f"<p class=verdict>{_verdict(account)} <small>(exit code {account.exit_code})</small></p>"
    yield f"<p class=where>{_utc(account.started_at)}, API {shown(account.tenant.contract)}</p>"
    yield f"<p class=where>{ABOUT}</p>"
    yield '<nav aria-label="Sections">' + " ".join(f'<a href="#{place}">{name}</a>' for place, name in sections)
    yield "</nav></header>\n<main>"
    yield from request(account)
    if said:
        yield from answered(account, said)
    yield from expected(account)
    yield from to_change(account)
    yield from balance(account)
    yield from findings(account, {entry.agent.agent_id: entry for entry in account.roll.entries})
    yield from checks(account)
    yield from timeline(account)
    yield from agents(account)
    yield '<section id="run"><h2>Run</h2><dl>'
    for name, text in _run(account):
        yield f"<dt>{name}<dd>{shown(text)}"
    yield "</dl></section></main>\n<footer><p>This page holds names of agents, but no secrets or tokens."
    yield "</footer></body></html>\n"


def _verdict(account: Account) -> str:
    if account.verdict is Verdict.MEND and account.attendance and not account.attendance.is_met:
        return "Every agent is accounted for, and not everybody who is expected is logged in."
    return VERDICTS[account.verdict]


def _run(account: Account) -> Iterator[tuple[str, str]]:
    tenant, requests, case = account.tenant, account.requests, account.case
    yield "Instance", tenant.instance
    yield "API", f"{tenant.contract} ({tenant.chosen})" if tenant.chosen else f"{tenant.contract} (from the settings)"
    if tenant.profile:
        yield "Profile", tenant.profile
    yield "Started", _utc(account.started_at)
    yield "Ended", _utc(account.finished_at)
    yield "Took", f"{(account.finished_at - account.started_at).total_seconds():.1f} s"
    if account.ended_early:
        yield "Ended early", account.ended_early
    yield "Requests", f"{requests.sent} sent, {requests.retried} of them retries, {requests.throttled} throttled (429)"
    yield "Probes", f"{counted(requests.probes, 'request')} of those, to find the cause"
    if TokenGranted in case:
        scopes = case[TokenGranted].scopes
        yield "Token scopes", "not named in the token" if scopes is None else " ".join(scopes) or "none"
    if RosterRead in case:
        roster = case[RosterRead]
        yield "Roster", f"{counted(roster.agents, 'agent')} on {counted(roster.pages, 'page')}"
    if StatesAsked in case:
        yield "States", how_states_came(case[StatesAsked])
    yield "Verdict", f"{account.verdict.value}, exit code {account.exit_code}"
    yield "Made by", f"rollcall {__version__}"


def _utc(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S} UTC"
