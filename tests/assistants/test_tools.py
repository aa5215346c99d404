"""What an assistant is answered, asked by the SDK's own client."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.assistants.asking import asking
from tests.support.written import assert_as_written

from cxone_rollcall.assistants.problem import NotAnswered
from cxone_rollcall.assistants.tools import TOOLS, Tool
from cxone_rollcall.diagnose import check
from cxone_rollcall.findings.catalogue import FINDINGS

CONTRACTS = ("v2", "incontact")


def balances(counts: dict[str, int]) -> bool:
    """Whether these counts add up."""
    whole = counts["present"] + counts["logged_out"] + counts["absent"] + counts["unknown"]
    return counts["roster"] == whole and counts["absent"] == counts["explained"] + counts["unexplained"]


async def test_the_tools_only_read() -> None:
    """Each tool is marked as read-only, and has schemas for both ways."""
    async with asking() as assistant:
        tools = (await assistant.client.list_tools()).tools
        assert [one.name for one in tools] == [
            "check",
            "who_is_logged_in",
            "why_missing",
            "agent_today",
            "explain",
        ]
        for one in tools:
            assert one.annotations is not None
            assert (one.annotations.read_only_hint, one.annotations.destructive_hint) == (True, False)
            assert (one.input_schema["type"], one.input_schema["additionalProperties"]) == ("object", False)
            assert one.output_schema is not None
            assert one.output_schema["type"] == "object"


@pytest.mark.parametrize("contract", CONTRACTS)
async def test_check_counts_as_the_command_does(contract: str) -> None:
    """The counts of `check` are those of `rollcall check --format json`."""
    async with asking(contract) as assistant:
        answer = await assistant.ask("check")
        account = json.loads((await check(assistant.world.client)).to_json())
        assert answer["counts"] == account["counts"]
        assert {one["data"]["state"]: one["agents"] for one in answer["states"]} == account["states"]
        assert [one["code"] for one in answer["findings"]] == [one["code"] for one in account["findings"]]
        assert {one["agent_id"]: one["standing"] for one in answer["agents"]} == {
            one["agent_id"]: one["standing"] for one in account["agents"]
        }
        assert (answer["complete"], answer["incomplete_because"], answer["agents_omitted"]) == (True, [], 0)


@pytest.mark.parametrize("contract", CONTRACTS)
async def test_who_is_logged_in_is_who_is(contract: str) -> None:
    """Those listed are the logged-in agents of the team and group."""
    async with asking(contract) as assistant:
        truth = {one.agent_id for one in assistant.world.emulator.truth() if one.standing == "present"}
        answer = await assistant.ask("who_is_logged_in")
        assert {one["agent_id"] for one in answer["agents"]} == truth
        assert sum(answer["groups"].values()) == answer["matching"] == len(truth)
        available = await assistant.ask("who_is_logged_in", group="available")
        assert {one["group"] for one in available["agents"]} == {"available"}
        assert len(available["agents"]) == available["matching"] == answer["groups"]["available"]
        team = answer["agents"][0]["data"]["team"]
        of_team = await assistant.ask("who_is_logged_in", team=f" {team.upper()} ")
        assert of_team["agents"] == [one for one in answer["agents"] if one["data"]["team"] == team]
        assert balances(of_team["counts"])


@pytest.mark.parametrize("contract", CONTRACTS)
@pytest.mark.parametrize("fault", ["scope-missing", "roster-empty", "reset"])
async def test_unknown_is_said_to_be_unknown(contract: str, fault: str) -> None:
    """If nobody could be asked, nobody is absent. The answers say why."""
    async with asking(contract, [fault]) as assistant:
        for answer in (await assistant.ask("check"), await assistant.ask("who_is_logged_in")):
            assert balances(answer["counts"])
            assert answer["counts"]["absent"] == answer["counts"]["logged_out"] == 0
            assert answer["complete"] is False
            assert answer["incomplete_because"]
            assert "This is not complete" in answer["summary"]
            assert answer["counts"]["unknown"] == 0 or answer["summary"].startswith("Known to be logged in: 0 of")
            assert answer["counts"]["unknown"] == 0 or "say that it is unknown" in answer["summary"]
        why = await assistant.ask("why_missing", agent="30000000004")
        assert why["complete"] is False
        assert why["counts"]["absent"] == 0
        assert why["counts"]["unknown"] == 0 or "It is unknown whether the agent is logged in" in why["summary"]


@pytest.mark.parametrize("fault", ["poll-stale", "answer-stale"])
async def test_old_states_are_not_said_to_be_those_of_now(fault: str) -> None:
    """If the server answers with old states, the answers are not complete."""
    async with asking("incontact", [fault]) as assistant:
        for answer in (await assistant.ask("check"), await assistant.ask("who_is_logged_in")):
            assert answer["complete"] is False
            assert "the states are old ones" in answer["summary"]
            assert answer["summary"].startswith("Logged in at an earlier time: ")
            assert "RC702" in [one["code"] for one in answer["findings"]]
        why = await assistant.ask("why_missing", agent="30000000003")
        assert why["summary"].startswith("The agent was, at an earlier time, logged in.")


async def test_agents_who_are_hidden_are_missed() -> None:
    """If agents may be hidden, the answers are not complete."""
    async with asking("incontact", ["hidden-agents=3"], agents=60) as assistant:
        answer = await assistant.ask("check")
        assert (answer["complete"], answer["counts"]["unknown"]) == (False, 0)
        assert answer["incomplete_because"] == ["this account may not see all agents (RC304)"]


async def test_only_what_is_proven_is_stated_as_a_fact() -> None:
    """A proven finding is the cause, a suspected one perhaps."""
    async with asking(agents=60) as assistant:
        suspected = await assistant.ask("why_missing", agent="30000000001")
        assert "Perhaps the cause, which is not proven: RC601 not-logged-in." in suspected["summary"]
    async with asking("incontact", agents=60) as assistant:
        proven = await assistant.ask("why_missing", agent="30000000001")
        assert "The cause: RC601 not-logged-in." in proven["summary"]


@pytest.mark.parametrize(
    ("contract", "fault", "because"),
    [
        ("v2", "team-hidden", "7 absent agents may be logged in all the same"),
        ("v2", "team-hidden", "this account may not see all agents (RC305)"),
        ("v2", "rows-contradict", "what the API says of some agents contradicts itself"),
        ("incontact", "hidden-agents", "this account may not see all agents (RC304)"),
        ("incontact", "seen-elsewhere", "2 absent agents may be logged in all the same"),
    ],
)
async def test_who_may_be_logged_in_all_the_same_is_said(contract: str, fault: str, because: str) -> None:
    """An absence that has another cause is not complete. Nor is a list that may lack agents."""
    async with asking(contract, [fault], agents=120) as assistant:
        for answer in (await assistant.ask("check"), await assistant.ask("who_is_logged_in")):
            assert because in answer["incomplete_because"]
            assert answer["summary"].startswith("Known to be logged in: ")


@pytest.mark.parametrize("contract", CONTRACTS)
async def test_somebody_whom_the_list_lacks_is_not_said_to_be_absent(contract: str) -> None:
    """An agent whom the list lacks may be a hidden one."""
    async with asking(contract) as assistant:
        answer = await assistant.ask("why_missing", agent="999")
        assert answer["complete"] is False
        assert any("may be hidden from this account" in one for one in answer["incomplete_because"])
        assert "the list of agents does not have" in answer["summary"].casefold()
        assert "The agent has no state" not in answer["summary"]


async def test_a_team_is_unknown_if_agents_may_be_hidden() -> None:
    """Nobody of a team is seen. That does not prove that nobody is in it."""
    async with asking(faults=["roster-empty"]) as assistant:
        message, _ = await assistant.refused("who_is_logged_in", team="Billing")
        assert "it is unknown who is in that team" in message
        for asked in ({}, {"group": "available"}):
            answer = await assistant.ask("who_is_logged_in", **asked)
            assert answer["summary"].startswith("Nothing is known of any agent")
            assert "Of these" not in answer["summary"]


async def test_agents_of_whom_it_is_unknown_are_apart() -> None:
    """Agents who could not be asked are listed as unknown, apart."""
    async with asking(faults=["server-error-some"], agents=120) as assistant:
        answer = await assistant.ask("who_is_logged_in")
        unknown = {one["agent_id"] for one in answer["unknown_agents"]}
        assert len(unknown) == answer["counts"]["unknown"] > 0
        assert unknown.isdisjoint(one["agent_id"] for one in answer["agents"])
        assert {one["logged_in"] for one in answer["unknown_agents"]} == {None}


@pytest.mark.parametrize("contract", CONTRACTS)
async def test_why_missing_gives_the_cause(contract: str) -> None:
    """The cause is that of the account, with its evidence."""
    async with asking(contract) as assistant:
        missing = next(one for one in assistant.world.emulator.truth() if one.standing != "present")
        answer = await assistant.ask("why_missing", agent=missing.name)
        (agent,) = answer["agents"]
        assert (agent["agent_id"], agent["logged_in"]) == (missing.agent_id, None if contract == "v2" else False)
        assert answer["counts"]["roster"] == 1
        assert agent["findings"] == [one["code"] for one in answer["findings"]]
        assert missing.agent_id in answer["data"]["sentence"]
        assert any(one["data"]["evidence"] for one in answer["findings"])


async def test_each_finding_is_explained() -> None:
    """`explain` has the page of each finding, by its code or name."""
    async with asking() as assistant:
        for finding in FINDINGS:
            answer = await assistant.ask("explain", code=finding.code)
            assert answer == await assistant.ask("explain", code=finding.name)
            assert (answer["code"], answer["name"]) == (finding.code, finding.name)


BAD: tuple[tuple[str, dict[str, object]], ...] = (
    ("check", {"team": "Support"}),
    ("who_is_logged_in", {"teem": "Support"}),
    ("why_missing", {}),
    ("why_missing", {"agent": 30000000004}),
    ("agent_today", {"agent": None}),
    ("why_missing", {"agent": "  "}),
    ("why_missing", {"agent": "x" * 5000}),
    ("who_is_logged_in", {"team": ["Support"]}),
    ("who_is_logged_in", {"group": "Availabel"}),
    ("who_is_logged_in", {"group": "Busy"}),
    ("who_is_logged_in", {"team": "Nowhere"}),
    ("why_missing", {"agent": "Nobody Atall"}),
    ("explain", {"code": "RC999"}),
    ("explain", {"code": "x"}),
    ("agent_today", {"agent": "30000000004"}),
    ("chek", {}),
    ("xyzzy", {}),
)


async def test_bad_questions_are_answered_with_how_to_ask() -> None:
    """A bad argument is an error that says how to ask right. `refused.txt` has all."""
    told = []
    async with asking(agents=8) as assistant:
        for tool, arguments in BAD:
            message, candidates = await assistant.refused(tool, **arguments)
            told.append(f"{tool} {json.dumps(arguments)[:60]}\n  {message}\n")
            told += [f"  {json.dumps(one)}\n" for one in candidates]
        assert assistant.complaints == []
    assert_as_written(Path(__file__).with_name("refused.txt"), "".join(told))


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
@given(data=st.data())
def test_any_arguments_are_texts_or_refused(tool: Tool, data: st.DataObject) -> None:
    """Arguments are texts of a limited length, or refused in a sentence."""
    names = st.sampled_from([*(one.name for one in tool.arguments), "other"]) | st.text(max_size=9)
    arguments = data.draw(st.dictionaries(names, JSON, max_size=3))
    try:
        read = tool.read(arguments)
    except NotAnswered as refused:
        assert 10 < len(str(refused)) < 700
        return
    assert set(read) <= {one.name for one in tool.arguments}
    assert all(0 < len(text) <= 200 for text in read.values())


async def test_a_name_of_several_agents_is_asked_back() -> None:
    """An unclear name is answered with the ids of candidates."""
    async with asking(agents=120) as assistant:
        message, candidates = await assistant.refused("why_missing", agent="kavya")
        assert message == "'kavya' may mean 2 agents. Ask with one of the ids under candidates."
        assert [one["agent_id"] for one in candidates] == ["30000000002", "30000000017"]
        message, candidates = await assistant.refused("why_missing", agent="Kavya Alsayet")
        assert "Ask with one of the ids under candidates" in message
        assert "30000000002" in [one["agent_id"] for one in candidates]
        assert (await assistant.ask("why_missing", agent="30000000002"))["agents"][0]["agent_id"] == "30000000002"


async def test_long_lists_are_cut_and_say_so() -> None:
    """A list has at most 100 agents. The counts are those of all."""
    async with asking(faults=["scope-missing"], agents=150) as assistant:
        answer = await assistant.ask("check")
        assert (len(answer["agents"]), answer["agents_omitted"], answer["counts"]["unknown"]) == (100, 50, 150)
        who = await assistant.ask("who_is_logged_in")
        assert (len(who["unknown_agents"]), who["unknown_omitted"]) == (100, 50)


async def test_our_own_errors_are_answered_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """If rollcall itself fails, the answer says so, without the error's text."""

    async def fails(*_: object) -> None:
        raise ValueError("a secret")

    async with asking(agents=8) as assistant:
        monkeypatch.setattr(assistant.world.client.api, "roster", fails, raising=False)
        monkeypatch.setattr("cxone_rollcall.assistants.tenant.check", fails)
        said, _ = await assistant.refused("check")
        assert said.startswith("Rollcall itself failed (ValueError at tests.assistants.test_tools")
        assert "Say that it is unknown" in said
        assert "a secret" not in said + " ".join(assistant.complaints)
        assert len(assistant.complaints) == 1


def test_descriptions_are_short() -> None:
    """An assistant reads all descriptions before each question, so they are short."""
    assert sum(len(one.about) for one in TOOLS) < 1500
