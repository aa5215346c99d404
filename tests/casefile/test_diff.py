"""What differs between two saved runs."""

from __future__ import annotations

from collections.abc import Sequence

from tests.casefile.runs import judged, ran

from cxone_rollcall.casefile.diff import Difference, differences
from cxone_rollcall.casefile.document import KINDS
from cxone_rollcall.findings.account import Account
from cxone_rollcall.findings.case import Case
from cxone_rollcall.model.observations.base import Selected
from cxone_rollcall.model.roll import RollEntry, Standing
from cxone_rollcall.model.struct import replace


async def run_of(*faults: str, contract: str = "v2") -> Account:
    """The account of a saved run over the emulator."""
    return judged((await ran(*faults, contract=contract)).file())


def with_entries(account: Account, entries: Sequence[RollEntry]) -> Account:
    """The account with other agents on its roll."""
    roll = replace(account.roll, entries=tuple(entries))
    return replace(account, case=Case(roll, [account.case[kind] for kind in KINDS.values() if kind in account.case]))


def with_selected(account: Account, **fields: tuple[str, ...]) -> Account:
    """The account of a run with such options."""
    seen = [account.case[kind] for kind in KINDS.values() if kind in account.case]
    changed = [replace(one, **fields) if isinstance(one, Selected) else one for one in seen]
    return replace(account, case=Case(account.roll, changed))


def of(found: list[Difference], part: str) -> dict[str, tuple[str, str]]:
    """The differences of one part, by what differs."""
    return {one.what: (one.before, one.after) for one in found if one.part == part}


async def test_a_run_does_not_differ_from_itself() -> None:
    """The same file twice has no difference."""
    account = await run_of()
    assert differences(account, account) == []


async def test_settings_and_token() -> None:
    """Another API has another grant; its token has other scopes."""
    found = differences(await run_of(), await run_of(contract="incontact"))
    assert of(found, "settings")["contract"] == ("v2", "incontact")
    assert of(found, "settings")["grant type"] == ("client_credentials", "password")
    assert of(found, "token")["scopes"][0] == "agent:read presence:read"
    order = ["settings", "token", "roster", "states", "findings", "responses"]
    assert list(dict.fromkeys(one.part for one in found)) == [part for part in order if of(found, part)]


async def test_a_run_without_a_token() -> None:
    """A run without a token has no other difference of tokens."""
    found = differences(await run_of(), await run_of("client-refused"))
    assert of(found, "token") == {"token": ("granted", "none")}


async def test_findings_begin_and_end() -> None:
    """A finding that only one run has is shown with its strength."""
    before, after = await run_of("scope-missing=presence:read"), await run_of()
    forth, back = (of(differences(*pair), "findings") for pair in ((before, after), (after, before)))
    assert forth.keys() == back.keys()
    name = next(code for code in forth if code.startswith("RC301"))
    assert forth[name][0].startswith("PROVEN: ")
    assert forth[name][1] == ""
    assert back[name] == (forth[name][1], forth[name][0])


async def test_roster_and_states() -> None:
    """Agents who joined, left or changed are shown, by name and id."""
    account = await run_of()
    first, second, *others = account.roll.entries
    moved = replace(second, agent=replace(second.agent, team="Elsewhere"), standing=Standing.UNKNOWN, state=None)
    found = differences(account, with_entries(account, (moved, *others)))
    who = [f"{entry.agent.name} ({entry.agent.agent_id})" for entry in (first, second)]
    roster = of(found, "roster")
    assert roster["agents"] == (str(len(account.roll)), str(len(account.roll) - 1))
    assert roster[who[0]] == ("on the roster", "")
    assert roster[f"{who[1]} team"] == (second.agent.team, "Elsewhere")
    assert of(found, "states")[who[1]][1] == "unknown"


async def test_a_run_of_some_agents_says_nothing_of_the_others() -> None:
    """Agents whom a run left out are no difference."""
    everybody = await run_of()
    first, *others = everybody.roll.entries
    left_out = with_selected(with_entries(everybody, [first]), teams=("Billing",))
    found = differences(everybody, left_out)
    assert of(found, "settings") == {"teams": ("none", "Billing")}
    assert of(found, "roster") == {"agents selected": (str(len(others) + 1), "1")}
    refused = of(differences(everybody, await run_of("scope-missing=agent:read")), "roster")
    assert refused == {"roster complete": ("yes", "no"), "agents": (str(len(others) + 1), "0")}


async def test_shapes_of_responses() -> None:
    """A member that is missing or of another type is shown. Its place is, too; other values are not."""
    found = of(differences(await run_of(), await run_of("no-total", "batch-cut")), "responses")
    assert found["GET /api/v2/agents /totalCount"] == ("number", "")
    assert found["GET /api/v2/agents status"] == ("200", "200, 400")
    assert {place.split()[1] for place in found} == {"/api/v2/agents"}


async def test_names_of_anonymized_runs_are_not_compared() -> None:
    """Names are not compared with stand-ins; only ids identify agents."""
    account = await run_of()
    stand_in = {"name": "Agent 1", "user_name": "agent1", "email": None}
    entries = tuple(replace(one, agent=replace(one.agent, **stand_in)) for one in account.roll.entries)
    other = with_entries(account, entries)
    assert of(differences(account, other), "roster") != {}
    assert differences(account, other, names=False) == []


async def test_a_response_of_too_many_levels() -> None:
    """A response that nests too deeply is called so."""
    account = await run_of()
    deep = [replace(one, response_body="[" * 500 + "]" * 500) for one in account.exchanges]
    found = of(differences(account, replace(account, exchanges=tuple(deep))), "responses")
    assert ("", "JSON of too many levels") in found.values()
