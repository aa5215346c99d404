"""The one sentence about a program's request: what it gets, and why."""

from __future__ import annotations

from collections.abc import Sequence

from cxone_rollcall.findings.account import BENIGN, Account
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.findings.own_request import is_of_request
from cxone_rollcall.model.observations.base import Selected
from cxone_rollcall.model.observations.request import RequestAsked, What
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.wording import counted

MOST_NAMED = 3
ERROR = 400


def sentence(account: Account, asked: RequestAsked) -> str:
    """Why a request gets too few rows, or that it is right."""
    to_fix = [one for one in account.findings if one.strength is not Strength.NOTE and one.code not in BENIGN]
    reasons = [one for one in to_fix if is_of_request(one)]
    if reasons:  # in the order of codes, which is that of repair
        if asked.first.rows is None and not any(change.adopted for change in asked.changes):
            return f"Your request {_gets(asked)}, and {reasons[0].text}"
        because = "; and ".join(f"{_sure(one)}because {one.text}" for one in reasons)
        return f"Your request {_gets(asked)} {because}"
    everything = next((one for one in to_fix if one.explains_all), None)
    if asked.first.rows is None:
        why = f"; rollcall's own requests meet the same: {everything.text}" if everything is not None else ""
        return f"Your request {_gets(asked)}{why}"
    known = [one for one in account.roll.entries if one.standing is not Standing.UNKNOWN]
    if everything is not None or not known:
        doubt = everything or next(iter(to_fix), None)
        why = f": {doubt.text}" if doubt is not None else ""
        return f"Your request {_gets(asked)}, and nothing shows whether that is true{why}"
    return _lacks_ids(account, asked) or _is_right(account, asked, to_fix)


def _sure(reason: Finding) -> str:
    return "" if reason.strength is Strength.PROVEN else "probably "


def _gets(asked: RequestAsked) -> str:
    """What the request gets, as a verb and its object."""
    first = asked.first
    if first.unsent:
        return "could not be sent, because it needs rollcall's token"
    if first.rows is None:
        status = f"HTTP {first.status}" if first.status is not None else first.kind
        if first.status is not None and first.status < ERROR:
            return f"gets no usable response ({status})"
        return f"is refused ({status})" if first.status in (401, 403) else f"fails ({status})"
    missing = len(asked.expected - first.found)
    if not first.rows:
        return "gets []"
    if not missing:
        return f"gets {counted(first.rows, 'row')}"
    of = "on the roster" if asked.what is What.ROSTER else "logged in"
    return f"gets {counted(first.rows, 'row')} and leaves out {missing} of {counted(len(asked.expected), 'agent')} {of}"


def _lacks_ids(account: Account, asked: RequestAsked) -> str:
    """The sentence about ids that the roster lacks. "" for other requests."""
    selected = account.case.get(Selected)
    unknown = selected.unknown if selected is not None else ()
    if not unknown:
        return ""
    more = f" and {len(unknown) - MOST_NAMED} more" if len(unknown) > MOST_NAMED else ""
    named = f"{', '.join(unknown[:MOST_NAMED])}{more}"
    lacks = f"the roster does not have {named}"
    if not account.roll.roster_complete:
        lacks = f"the part of the roster that was read does not have {named}"
    if asked.first.rows:
        return f"Your request has a row for each agent who is logged in, but {lacks}"
    others = "" if len(unknown) >= len(asked.ids) else ", and the API has no logged-in state for the others"
    return f"Your request {_gets(asked)} because {lacks}{others}"


def _is_right(account: Account, asked: RequestAsked, to_fix: Sequence[Finding]) -> str:
    """The sentence about a request that seems to lack nothing."""
    unknown, present = len(account.roll.of(Standing.UNKNOWN)), len(asked.expected)
    doubts = f"; {counted(unknown, 'agent')} could not be checked" if unknown else ""
    doubts += "" if account.roll.roster_complete else "; the roster could not be read in full"
    elsewhere = next((one for one in account.findings if is_of_request(one) and one.code == "RC506"), None)
    but = f"; but {elsewhere.text}" if elsewhere is not None else ""
    but += "".join(f"; but {one.text}" for one in to_fix[:MOST_NAMED])
    if asked.what is What.ROSTER:
        return f"Your request is right: it has all {counted(present, 'agent')} of the roster{but}{doubts}"
    named = f" of the {counted(len(account.roll), 'agent')} that it names" if asked.ids else ""
    if not present:
        answer = "its empty answer is true" if not asked.first.rows else "its answer is true"
        none = f"none{named}" if named else "no agent"
        return f"Your request is right, and {answer}: the API has a logged-in state for {none}{but}{doubts}"
    verb, rows = ("is", "its row") if present == 1 else ("are", "a row for each")
    many = f"{present}{named}" if named else counted(present, "agent")
    return f"Your request is right: {many} {verb} logged in, and it has {rows}{but}{doubts}"
