"""The page as a whole: head, the sentence that answers the question, the sections in their order, the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.findings.account import Verdict
from cxone_rollcall.findings.finding import counted
from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.roster import RosterRead
from cxone_rollcall.model.observations.states import StatesAsked
from cxone_rollcall.version import __version__
from cxone_rollcall.views.account import headline
from cxone_rollcall.views.html.agents import agents
from cxone_rollcall.views.html.balance import balance
from cxone_rollcall.views.html.checks import checks
from cxone_rollcall.views.html.escape import shown
from cxone_rollcall.views.html.findings import findings, to_change
from cxone_rollcall.views.html.style import STYLE
from cxone_rollcall.views.html.timeline import timeline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from cxone_rollcall.findings.account import Account

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""Nothing is loaded and nothing runs, should any text ever get past the escaping."""

ABOUT = (
    "Rollcall lists every agent of a CXone tenant, asks the API for the state of each, and says for each one without a"
    " state what is known of the reason, with the requests that show it."
)
VERDICTS = {
    Verdict.COMPLETE: "Every agent is accounted for, and nothing needs mending.",
    Verdict.MEND: "Every agent is accounted for, and something needs mending.",
    Verdict.CANNOT_TELL: "Not every agent can be accounted for.",
    Verdict.REFUSED: "The API was reached and refuses access, so that nothing can be said about the agents.",
    Verdict.NOT_REACHED: "The API was not reached, so that nothing can be said about the agents.",
    Verdict.INTERRUPTED: "The run was interrupted; this is what was learned until then.",
}

SECTIONS = (
    ("change", "What to change"),
    ("balance", "Balance"),
    ("findings", "Findings"),
    ("checks", "Ruled out"),
    ("requests", "Requests"),
    ("agents", "Agents"),
    ("run", "The run"),
)


def account(account: Account) -> Iterator[bytes]:
    """Yield an account as one HTML page, in pieces, UTF-8."""
    for piece in _pieces(account):
        yield piece.encode("utf-8", "backslashreplace")


def _pieces(account: Account) -> Iterator[str]:
    sentence = shown(headline(account))
    yield '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="referrer" content="no-referrer"><meta name="robots" content="noindex">'
    yield f"<title>{sentence} - rollcall</title><style>{STYLE}</style></head>\n<body><header>"
    yield f"<p class=where>Rollcall report on {shown(account.tenant.instance)}</p>"
    yield f"<h1>{sentence}</h1>"
    yield f"<p class=verdict>{VERDICTS[account.verdict]} <small>(exit code {account.exit_code})</small></p>"
    yield f"<p class=where>{_moment(account.started_at)}, contract {shown(account.tenant.contract)}</p>"
    yield f"<p class=where>{ABOUT}</p>"
    yield '<nav aria-label="Sections">' + " ".join(f'<a href="#{place}">{name}</a>' for place, name in SECTIONS)
    yield "</nav></header>\n<main>"
    yield from to_change(account)
    yield from balance(account)
    yield from findings(account, {entry.agent.agent_id: entry for entry in account.roll.entries})
    yield from checks(account)
    yield from timeline(account)
    yield from agents(account)
    yield '<section id="run"><h2>The run</h2><dl>'
    for name, said in _run(account):
        yield f"<dt>{name}<dd>{shown(said)}"
    yield "</dl></section></main>\n<footer><p>Secrets and tokens are never part of this page; names of agents are."
    yield "</footer></body></html>\n"


def _run(account: Account) -> Iterator[tuple[str, str]]:
    tenant, requests, case = account.tenant, account.requests, account.case
    yield "Instance", tenant.instance
    yield "Contract", f"{tenant.contract} ({tenant.chosen})" if tenant.chosen else f"{tenant.contract} (as set)"
    if tenant.profile:
        yield "Profile", tenant.profile
    yield "Began", _moment(account.started_at)
    yield "Ended", _moment(account.finished_at)
    yield "Took", f"{(account.finished_at - account.started_at).total_seconds():.1f} s"
    if account.ended_early:
        yield "Cut short", account.ended_early
    yield "Requests", f"{requests.sent} sent, {requests.retried} of them again, {requests.throttled} answered with 429"
    yield "Probes", f"{counted(requests.probes, 'request')} of those, to tell causes apart"
    if TokenGranted in case:
        scopes = case[TokenGranted].scopes
        yield "Scopes of the token", "the token does not say" if scopes is None else " ".join(scopes) or "none"
    if RosterRead in case:
        roster = case[RosterRead]
        yield "Roster", f"{counted(roster.agents, 'agent')} on {counted(roster.pages, 'page')}"
    if StatesAsked in case:
        states = case[StatesAsked]
        how = f"listed on {counted(states.batches, 'page')}"
        if not states.listed:
            how = f"{counted(states.asked, 'agent')} asked by id in {counted(states.batches, 'request')}"
        yield "States", f"{how}: {counted(states.rows, 'row')}"
    yield "Verdict", f"{account.verdict.value}, exit code {account.exit_code}"
    yield "Made by", f"rollcall {__version__}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
