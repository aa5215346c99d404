"""What rollcall knows of the tenant besides the program's request. That is its hosts, its API, and who is logged in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.client import Client, IncontactApi, V2Api
from cxone_rollcall.model.host import NICE_DOMAINS, host_of, is_in, is_loopback, own_domain
from cxone_rollcall.model.observations.request import What
from cxone_rollcall.model.struct import replace
from cxone_rollcall.request.candidates import Known
from cxone_rollcall.request.pasted import Pasted
from cxone_rollcall.request.question import Question

if TYPE_CHECKING:
    from cxone_rollcall.roll import Ledger


def expected_of(question: Question, ledger: Ledger) -> frozenset[str]:
    """The agents that a right response has."""
    if question.what is What.ROSTER:
        return frozenset(ledger.agents)
    return frozenset(one for one in ledger.agents if one in ledger.rows and ledger.rows[one].logged_in)


def hosts_of(client: Client) -> tuple[str, ...]:
    """The tenant's own hosts, `https://host`. That of the API first, then that of the settings."""
    api, home = client.api, client.log.recorder.home
    found = api.contract.tokens.api if isinstance(api, IncontactApi) else None
    return tuple(dict.fromkeys(filter(None, (found, home))))


def is_known_host(client: Client, request: Pasted) -> bool:
    """Whether a request goes to a known host.

    Known are the host of the settings, those of the same owner, and NICE's.
    """
    home = host_of(client.log.recorder.home)
    domain = own_domain(home)
    if request.base == client.log.recorder.home or any(is_in(request.host, one) for one in NICE_DOMAINS):
        return True
    if is_loopback(home) and is_loopback(request.host):
        return True
    return domain is not None and is_in(request.host, domain)


def at_a_host_for_our_token(question: Question, hosts: tuple[str, ...]) -> Question:
    """The request, at the tenant's own host if it needs our token. That token goes nowhere else."""
    request = question.request
    if not request.token_left_out or request.base in hosts:
        return question
    remark = f"sent to {hosts[0]} instead of {request.base}, because it needs rollcall's token, which goes only there"
    return replace(question, request=replace(request, base=hosts[0], remarks=(*request.remarks, remark)))


def known_of(client: Client, ledger: Ledger, question: Question, *, demo: bool) -> Known:
    """What the roll call has learned that matters for this request. In a `demo`, its host is the tenant's."""
    api, states = client.api, ledger.states
    incontact = isinstance(api, IncontactApi)
    path = "agents" if question.what is What.ROSTER else "agents/states"
    version = api.contract.version(path) if isinstance(api, IncontactApi) else ""
    limits = [limit.taken for limit in (states.too_many,) if limit] + [cut.most_rows for cut in (states.cut,) if cut]
    spoilt = {one.agent_id for one in ledger.poisoned}
    typed = {one.casefold(): one for one in question.ids}
    id_of = {typed[text.casefold()]: one for one, text in ledger.asked_as.items() if text.casefold() in typed}
    return Known(
        hosts=(question.request.base,) if demo else hosts_of(client),
        contract=client.contract.name,
        version=version,
        before=f"/incontactapi/services/v{version}.0/" if incontact else "/api/v2/",
        id_of={text: one for text, one in id_of.items() if text != one},
        unknown=frozenset(ledger.selected.unknown) | spoilt,
        states=frozenset(row.state for row in ledger.rows.values() if row.state) | set(client.contract.known_states),
        separator=api.separator if isinstance(api, V2Api) else ",",
        most=min(limits, default=None),
    )
