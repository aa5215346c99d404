"""A row that contradicts its state says nothing about a login.

This holds for both contracts.
"""

from __future__ import annotations

import pytest
from tests.contracts.wire import answered, states

from cxone_rollcall.contracts.incontact.rows import read_states
from cxone_rollcall.contracts.protocol import StateRows

IN_FLAGS = (
    *("isLoggedIn", "loggedIn", "isSignedIn", "signedIn", "isOnline", "online", "is_logged_in", "Online"),
    *("loggedOn", "isSignedOn", "agentLoggedIn", "isAgentLoggedIn", "userOnline", "currentlyLoggedIn"),
)
OUT_FLAGS = (
    *("isLoggedOut", "loggedOut", "isSignedOut", "signedOut", "signed_out", "Logged-Out"),
    *("isLoggedOff", "signedOff", "offline", "isOffline", "agentLoggedOut"),
)
SAY_OUT = [*({name: False} for name in IN_FLAGS), *({name: True} for name in OUT_FLAGS)]
SAY_IN = [{name: not value for name, value in flags.items()} for flags in SAY_OUT]


def of_both(beside: dict[str, object], *, logged_in: bool) -> list[StateRows]:
    """Read two rows on both contracts. The first has these members beside its state."""
    name = "Busy" if logged_in else "LoggedOut"
    row, other = {"agentId": 1, "state": name, **beside}, {"agentId": 2, "state": "Busy"}
    code = {"agentId": 1, "agentStateId": int(logged_in), "agentStateName": name, **beside}
    other_code = {"agentId": 2, "agentStateId": 1, "agentStateName": "Available"}
    return [states({"entities": [row, other]}), read_states(answered({"agentStates": [code, other_code]}))]


@pytest.mark.parametrize("flag", SAY_OUT, ids=str)
def test_a_flag_says_that_the_agent_is_out(flag: dict[str, object]) -> None:
    """Alone it logs its agent out on `v2`. Beside a state it makes the agent unknown."""
    (row,) = states({"entities": [{"agentId": 1, **flag}]}).rows
    assert not row.logged_in
    for read in of_both(flag, logged_in=True):
        assert [one.agent_id for one in read.rows] == ["2"]
        assert read.complaint == (
            "no state that can be used in 1 of 2 rows: the state Busy, and beside it that the agent is logged out"
        )


@pytest.mark.parametrize("said", [0, "0", "no", "N", "False", " false "], ids=repr)
def test_a_flag_in_other_words(said: object) -> None:
    """A number or a word may be a flag."""
    for read in of_both({"isLoggedIn": said}, logged_in=True):
        assert [one.agent_id for one in read.rows] == ["2"]


@pytest.mark.parametrize("name", ["status", "presence", "loginStatus", "login_state", "agentStatus", "Presence-Status"])
def test_a_status_beside_a_state(name: str) -> None:
    """A status that says "logged out" makes the agent unknown. Any other changes nothing."""
    for read in of_both({name: "Offline (timeout)"}, logged_in=True):
        assert [one.agent_id for one in read.rows] == ["2"]
    for read in of_both({name: "active"}, logged_in=True):
        assert [one.agent_id for one in read.rows] == ["1", "2"]


@pytest.mark.parametrize("flag", SAY_IN, ids=str)
def test_a_flag_says_that_the_agent_is_in(flag: dict[str, object]) -> None:
    """Beside a state of somebody logged out it makes the agent unknown."""
    for read in of_both(flag, logged_in=False):
        assert [one.agent_id for one in read.rows] == ["2"]
        assert read.complaint == (
            "no state that can be used in 1 of 2 rows: the state LoggedOut, and beside it that the agent is logged in"
        )


@pytest.mark.parametrize(
    ("beside", "why"),
    [
        ({"error": "stale"}, "stale"),
        ({"error": {"code": "E7", "message": "no luck"}}, "E7: no luck"),
        ({"errorMessage": "upstream timed out"}, "upstream timed out"),
        ({"Error-Text": "upstream timed out"}, "upstream timed out"),
        ({"errorCode": 17}, "17"),
        ({"exception": ["stale"]}, "stale"),
        ({"FAULT": "stale"}, "stale"),
        ({"errorInfo": "stale"}, "stale"),
        ({"failureReason": "upstream timed out"}, "upstream timed out"),
        ({"isError": True}, "True"),
        ({"failed": True}, "True"),
        ({"success": False}, "success is false"),
        ({"Success": "False"}, "success is false"),
        ({"isLoggedIn": True, "loggedIn": False}, "that the agent is logged in and logged out"),
    ],
)
def test_members_against_a_state(beside: dict[str, object], why: str) -> None:
    """An error, a failure, or flags that differ make the agent unknown."""
    for read in of_both(beside, logged_in=True):
        assert [one.agent_id for one in read.rows] == ["2"]
        assert read.complaint == f"no state that can be used in 1 of 2 rows: {why}"


@pytest.mark.parametrize(
    "beside",
    [
        {"error": None, "errorCode": 0, "errors": [], "fault": ""},
        {"errorCode": "NO_ERROR", "success": True, "hasError": False, "failed": 0},
        {"errorCode": "OK", "isLoggedIn": True, "loggedOut": False},
        {"isLoggedIn": None, "loggedIn": "perhaps", "online": 7},
        {"hasLoggedIn": False},  # it may mean: ever
        {"isDefault": True, "errorHandler": "none", "loggedInSince": False},
    ],
    ids=str,
)
def test_members_that_agree_with_a_state(beside: dict[str, object]) -> None:
    """Empty errors, successes and flags that agree change nothing."""
    for read in of_both(beside, logged_in=True):
        assert ([one.agent_id for one in read.rows], read.complaint) == (["1", "2"], "")


def test_blanks_before_a_colon() -> None:
    """A flag counts with any white space before its colon."""
    row = b'{"agentId": 1, "agentStateId": 1, "agentStateName": "Available", "isLoggedIn" \t\r\n: false}'
    read = read_states(answered(b'{"agentStates": [%s]}' % row))
    assert read.rows == ()
    assert "beside it that the agent is logged out" in read.complaint
