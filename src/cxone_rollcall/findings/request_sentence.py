"""The one sentence about a program's request: what it gets, and why."""

from __future__ import annotations

from cxone_rollcall.findings.account import Account
from cxone_rollcall.findings.finding import Finding, Strength, counted
from cxone_rollcall.findings.own_request import is_of_request
from cxone_rollcall.model.observations.request import RequestAsked, What
from cxone_rollcall.model.roll import Standing


def sentence(account: Account, asked: RequestAsked) -> str:
    """Why this request gets too few rows, or that it is right."""
    reasons = [one for one in account.findings if is_of_request(one) and one.strength is not Strength.NOTE]
    if reasons:
        first, *rest = reasons  # in the order of codes, which is that of repair
        also = "".join(f"; and {_sure(one)}because {one.text}" for one in rest)
        return f"Your request {_gets(asked)} {_sure(first)}because {first.text}{also}"
    if asked.first.rows is None:
        everything = next((one for one in account.findings if one.explains_all), None)
        why = f", as rollcall's own requests do: {everything.text}" if everything is not None else ""
        return f"Your request {_gets(asked)}{why}"
    unknown_ids = [one for one in account.findings if one.code == "RC402"]
    if unknown_ids:
        named = "; ".join(one.text for one in unknown_ids[:3])
        if not asked.expected:
            others = "" if len(unknown_ids) >= len(asked.ids) else ", and none of the others is logged in"
            return f"Your request {_gets(asked)} because {named}{others}"
        return f"Your request has a row for each agent who is logged in, but {named}"
    return _right(account, asked)


def _sure(reason: Finding) -> str:
    return "" if reason.strength is Strength.PROVEN else "probably "


def _gets(asked: RequestAsked) -> str:
    """What the request gets, as a verb and its object."""
    first = asked.first
    if first.rows is None:
        status = f"HTTP {first.status}" if first.status is not None else first.kind
        return f"is refused ({status})" if first.status in (401, 403) else f"fails ({status})"
    missing = len(asked.expected - first.found)
    if not first.rows:
        return "gets []"
    if not missing:
        return f"gets {counted(first.rows, 'row')}"
    of = "on the roster" if asked.what is What.ROSTER else "logged in"
    return f"gets {counted(first.rows, 'row')} and leaves out {missing} of {counted(len(asked.expected), 'agent')} {of}"


def _right(account: Account, asked: RequestAsked) -> str:
    """The sentence about a request that lacks nothing. As far as is known."""
    unknown = len(account.roll.of(Standing.UNKNOWN))
    asked_for = len(account.roll)
    if not asked_for or (unknown and not asked.expected):
        broken = next((one for one in account.findings if one.explains_all or one.code == "RC605"), None)
        why = f": {broken.text}" if broken is not None else ""
        return f"Your request {_gets(asked)}, and nothing shows whether that is true{why}"
    doubt = f"; {counted(unknown, 'agent')} could not be checked" if unknown else ""
    elsewhere = next((one for one in account.findings if is_of_request(one) and one.code == "RC506"), None)
    but = f", but {elsewhere.text}" if elsewhere is not None else ""
    if asked.what is What.ROSTER:
        return f"Your request is right: it has all {counted(len(asked.expected), 'agent')} of the roster{but}{doubt}"
    named = f" of the {counted(asked_for, 'agent')} that it names" if asked.ids else ""
    if not asked.expected:
        nobody = f"none{named} is logged in" if asked.ids else "no agent is logged in"
        answer = "its empty answer is true" if not asked.first.rows else "its answer is true"
        return f"Your request is right, and {answer}: {nobody}{but}{doubt}"
    many = f"each of the {len(asked.expected)} agents" if len(asked.expected) > 1 else "the one agent"
    return f"Your request is right: it has a row for {many}{named} who {_are(asked)} logged in{but}{doubt}"


def _are(asked: RequestAsked) -> str:
    return "are" if len(asked.expected) > 1 else "is"
