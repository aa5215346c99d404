"""`rollcall why` on both contracts: standings, ways of naming, limits."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.thorough import mostly_thorough, sampled
from tests.why.conftest import PUBLISHED, V2, Why, of_the_hidden_team, struck_by

PRESENT, OFF_SHIFT, INACTIVE, NEVER = "30000000002", "30000000001", "30000000029", "30000000017"
MOST = 40

both = pytest.mark.parametrize("contracts", [V2, PUBLISHED], ids=["v2", "incontact"])


@both
async def test_a_present_agent_is_logged_in(why: Why, contracts: tuple[str, ...]) -> None:
    """A present agent is called logged in, with exit code 0."""
    asked = await why(PRESENT, contracts=contracts)
    assert asked.exit == 0
    assert asked.out.startswith(f"Kavya Al-Sayed ({PRESENT}) is logged in: ")
    assert "Lunch" in asked.out.splitlines()[0]
    assert f"the row of {PRESENT}" in asked.out


async def test_no_row_is_only_probably_an_absence(why: Why) -> None:
    """On v2 a missing row means "probably" logged out. The sentence says what would settle it."""
    asked = await why(OFF_SHIFT)
    assert asked.exit == 0
    assert f"({OFF_SHIFT}) is probably not logged in: " in asked.out
    assert "RC601 not-logged-in SUSPECTED" in asked.out
    assert "  confirm  " in asked.out
    assert "--expect-logged-in" in asked.out


async def test_a_row_that_says_logged_out_is_a_fact(why: Why) -> None:
    """On incontact a row with LoggedOut is a fact, with its start. Other traces are looked for, and named."""
    asked = await why(OFF_SHIFT, contracts=PUBLISHED)
    assert asked.exit == 0
    assert f"({OFF_SHIFT}) is not logged in: the API says LoggedOut, since 20" in asked.out
    for said in ("RC601 not-logged-in PROVEN", "its open contacts: none", "its logins of the last day", "LoggedOut"):
        assert said in asked.out


async def test_an_inactive_agent_has_no_state(why: Why) -> None:
    """An inactive agent is explained by the roster."""
    asked = await why(INACTIVE)
    assert asked.exit == 0
    assert f"({INACTIVE}) has no state because it is inactive, as the roster says" in asked.out


async def test_an_agent_that_never_logged_in_has_no_login(why: Why) -> None:
    """An empty last login is named beside the missing row."""
    asked = await why(NEVER)
    assert asked.exit == 0
    assert "the roster has no login of it either" in asked.out
    assert "is probably not logged in" in asked.out


@pytest.mark.parametrize("how", ["empty", "400", "404"])
async def test_an_id_that_spoils_its_batch_is_unknown_and_proven_to_be(why: Why, how: str) -> None:
    """An id that spoils its batch is unknown, with the reason."""
    asked = await why(faults=(f"poison-id=how={how}",), whom=struck_by("poison-id"))
    assert asked.exit == 3
    assert "has no state, but it may be logged in: unknown, because" in asked.out
    assert "RC403" in asked.out
    assert "ruled out" not in asked.out


@pytest.mark.parametrize("typed", ["kavya.alsayed", "KAVYA.ALSAYED@example.com", "Kavya Al-Sayed"])
async def test_a_name_is_looked_up_and_noted_to_be_no_id(why: Why, typed: str) -> None:
    """A name leads to the agent, with exit code 0. A note says what programs must send."""
    asked = await why(typed)
    assert asked.exit == 0
    assert f"({PRESENT}) is logged in: Break - Lunch.\n" in asked.out
    assert f"note: RC401 not-an-internal-id: {typed} is not an internal id" in asked.out


@both
async def test_a_part_of_a_name_means_the_only_agent_that_has_it(why: Why, contracts: tuple[str, ...]) -> None:
    """A part of one name means that agent. The answer says so."""
    asked = await why("kav als", contracts=contracts)
    assert asked.exit == 0
    assert f"typed    kav als, interpreted as Kavya Al-Sayed ({PRESENT})" in asked.out
    assert "RC401" not in asked.out
    asked = await why("kav als", "--format", "json", contracts=contracts)
    assert (asked.agent["agent_id"], asked.agent["asked_as"]) == (PRESENT, "kav als")


@both
async def test_a_misspelt_name_is_offered_and_not_taken(why: Why, contracts: tuple[str, ...]) -> None:
    """A misspelt name ends with 2 and the most similar agent's command."""
    asked = await why("kavya alsayd", contracts=contracts)
    assert asked.exit == 2
    assert "no agent on the roster is called 'kavya alsayd', or this account may not list it: did you mean" in asked.err
    assert f"rollcall why {PRESENT}   # Kavya Al-Sayed" in asked.err


async def test_an_ambiguous_name_is_asked_back_without_further_requests(why: Why) -> None:
    """An ambiguous name ends with 2 and lists the candidates. With commands; no states are requested."""
    asked = await why("kavya")
    assert asked.exit == 2
    assert asked.out == ""
    assert asked.err.count("'kavya' may mean 2 agents: which one?") == 1
    assert "rollcall why 30000000002   # Kavya Al-Sayed   kavya.alsayed   team Billing" in asked.err
    assert "30000000017" in asked.err
    assert "states" not in asked.requests


@both
async def test_an_unknown_id_is_not_on_the_roster(why: Why, contracts: tuple[str, ...]) -> None:
    """An id that the roster lacks is requested, and is RC402."""
    asked = await why("30000000999", contracts=contracts)
    assert asked.exit in (1, 3)
    assert asked.out.startswith("No agent on the roster has 30000000999")
    assert "RC402 unknown-agent PROVEN" in asked.out


async def test_the_most_similar_names_are_offered(why: Why) -> None:
    """A name that no agent has is asked back with similar ones."""
    asked = await why("Anne Cartwright")
    assert asked.exit == 2
    assert asked.out == ""
    assert "rollcall why 30000000008   # Ann Carter" in asked.err


async def test_a_hidden_team_is_named_beside_the_likelier_cause(why: Why) -> None:
    """A recently active team without rows may be hidden, and is named."""
    asked = await why(faults=("team-hidden=others=as-is",), whom=of_the_hidden_team)
    assert "is probably not logged in" in asked.out
    assert "has a row: this account may not see the team" in asked.out
    assert "ruled out: " in asked.out
    assert "team-not-visible" not in asked.out


async def test_a_hidden_team_of_the_published_contract_is_never_an_absence(why: Why) -> None:
    """On incontact an agent of a hidden team is never absent."""
    asked = await why("--format", "json", faults=("team-hidden",), contracts=PUBLISHED, whom=of_the_hidden_team)
    assert asked.exit == 3
    assert asked.agent["standing"] in ("unknown", "absent")
    assert "RC601" not in asked.agent["findings"]


async def test_an_active_agent_without_a_state_is_seen_elsewhere(why: Why) -> None:
    """An open contact without a row is RC606: the agent is active."""
    asked = await why(faults=("seen-elsewhere",), contracts=PUBLISHED, whom=struck_by("seen-elsewhere", 2))
    assert asked.exit == 1
    assert asked.out.count("is active elsewhere, though it has no state") == 2
    assert "an open contact" in asked.out


async def test_a_state_filter_that_hides_is_in_the_sentence(why: Why) -> None:
    """With --state, an agent that the filter hides is called logged in."""
    asked = await why(PRESENT, "--state", "Available")
    assert asked.exit == 1
    assert "is logged in: Break - Lunch; a request with --state does not show it" in asked.out
    assert "RC406 state-filter-hides PROVEN" in asked.out


@both
@pytest.mark.parametrize("fault", mostly_thorough(["server-error=states", "rate-limit-forever", "body-cut"], quick=1))
async def test_a_failed_agent_is_unknown_with_the_reason(why: Why, contracts: tuple[str, ...], fault: str) -> None:
    """After a failed request no agent is absent; the failure is named."""
    asked = await why(PRESENT, faults=(fault,), contracts=contracts)
    assert asked.exit in (3, 5)
    assert f"({PRESENT}) has no state, but it may be logged in: unknown, because" in asked.out
    assert "ruled out: " not in asked.out
    assert "not logged in" not in asked.out.splitlines()[0]


@both
@pytest.mark.parametrize(("fault", "exit_code"), [("client-refused", 4), ("forbidden=agents", 4), ("reset", 5)])
async def test_without_a_roster_the_first_failure_answers(
    why: Why, contracts: tuple[str, ...], fault: str, exit_code: int
) -> None:
    """Without a roster, the first failure answers, with its fix."""
    asked = await why("Kavya", faults=(fault,), contracts=contracts)
    assert asked.exit == exit_code
    assert "Kavya" in asked.out.splitlines()[0]
    assert "is logged in" not in asked.out
    assert "  fix     " in asked.out


async def test_a_presence_that_lags_is_waited_for(why: Why) -> None:
    """With --grace a late agent is present, and called late."""
    asked = await why("--grace", "5", faults=("login-race=asks=3",), whom=struck_by("login-race"))
    assert asked.exit == 0
    assert "is logged in: " in asked.out.splitlines()[0]


async def test_a_server_that_misreads_the_separator_gets_another(why: Why) -> None:
    """If the comma is misread, another separator is found."""
    asked = await why(OFF_SHIFT, "--format", "json", faults=("separator=encoded",))
    assert asked.agent["standing"] == "absent"
    assert "RC410" in {one["code"] for one in asked.document["findings"]}


@both
async def test_without_any_row_nothing_is_confirmed(why: Why, contracts: tuple[str, ...]) -> None:
    """Without any row the agent is unknown, within the search limit."""
    asked = await why(PRESENT, "--format", "json", faults=("nobody-logged-in",), contracts=contracts, agents=1000)
    assert asked.agent["standing"] in ("unknown", "logged_out")
    assert asked.exit == (3 if asked.agent["standing"] == "unknown" else 0)
    assert asked.spent <= MOST


@both
@pytest.mark.parametrize("place", mostly_thorough([1500, 0, 1, 16, 28, 2999], quick=1))
async def test_one_agent_of_three_thousand_takes_forty_requests_at_most(
    why: Why, contracts: tuple[str, ...], place: int
) -> None:
    """A deep run for one agent takes at most 40 further requests."""
    agent_id = str(30_000_000_001 + place)
    asked = await why(agent_id, "--format", "json", contracts=contracts, agents=3000)
    assert asked.spent <= MOST
    assert asked.agent["agent_id"] == agent_id
    truth = asked.truth[agent_id].state
    assert asked.agent["standing"] == "present" if truth else asked.agent["standing"] in ("absent", "logged_out")


@both
async def test_all_agents_at_once_have_true_standings(why: Why, contracts: tuple[str, ...]) -> None:
    """With all agents at once, each standing is true."""
    ids = [str(30_000_000_001 + place) for place in range(30)]
    asked = await why(*ids, "--format", "json", contracts=contracts)
    assert asked.exit == 0
    assert [agent["agent_id"] for agent in asked.document["agents"]] == ids
    for agent in asked.document["agents"]:
        assert (agent["standing"] == "present") is (asked.truth[agent["agent_id"]].state is not None)
        assert agent["asked_as"] == agent["agent_id"]
    assert "RC902" not in {one["code"] for one in asked.document["findings"]}
    assert asked.document["requests"]["probes"] <= MOST


async def test_several_agents_each_have_their_sentence(why: Why) -> None:
    """Several agents are answered in order, each once."""
    asked = await why(OFF_SHIFT, "ann.carter", PRESENT, "30000000008")
    sentences = [line for line in asked.out.splitlines() if line[:1].strip() and "(300000000" in line]
    assert [line.partition("(")[2][:11] for line in sentences] == [OFF_SHIFT, "30000000008", PRESENT]


@pytest.mark.parametrize("place", sampled(range(23), every=4))
async def test_hostile_names_are_printed_safely(why: Why, place: int) -> None:
    """Any name is printed safely, on one line."""
    asked = await why(str(30_000_000_001 + place), faults=("hostile-names",))
    assert asked.exit == 0
    assert all(character.isprintable() for character in asked.out.replace("\n", ""))
    for hidden in "\u202e\u2066\u200b\u2028\x1b\x9b":
        assert hidden not in asked.out


async def test_hostile_candidates_are_printed_safely(why: Why) -> None:
    """Candidates' names and the typed text are printed safely."""
    asked = await why("lee\x1b[2J ann", faults=("hostile-names",))
    assert asked.exit in (1, 2)
    assert "\x1b" not in asked.out + asked.err
    assert "\u202e" not in asked.out + asked.err


@both
async def test_no_probes_ask_nothing_more(why: Why, contracts: tuple[str, ...]) -> None:
    """With `--probes off` only the roll answers."""
    asked = await why(OFF_SHIFT, "--probes", "off", "--format", "json", contracts=contracts)
    assert asked.document["requests"]["probes"] == 0
    assert asked.agent["standing"] in ("absent", "logged_out")


async def test_the_host_may_support_the_other_contract(why: Why) -> None:
    """If the first contract is not supported, the other one is used."""
    asked: Any = await why(PRESENT, "--contract", "incontact", "--format", "json", contracts=("v2", "incontact"))
    assert asked.document["tenant"]["contract"] == "incontact"
    assert asked.agent["standing"] == "present"
