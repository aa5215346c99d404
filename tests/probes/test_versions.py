"""The probe of neighbour versions: which are asked, and what is proven."""

from __future__ import annotations

from typing import Any

import pytest

from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.model.observations.probes import (
    NeighbourVersionsAsked,
)
from cxone_rollcall.model.roll import Roll
from cxone_rollcall.probes.tenant import (
    MOST_ASKED,
    NEAREST,
    NEIGHBOUR_VERSIONS,
    neighbours,
)
from cxone_rollcall.probes.tenant import listed as versions_listed

from .scripted import Asked, failed, seen, tenant

NOBODY = Roll((), roster_complete=False)
VERSIONS = tuple(str(number) for number in range(34, 5, -1))
PINNED = tenant(pinned_version="34")
MISSING = failed(FailureKind.NOT_FOUND, Stage.ROSTER)


def client(**said: Any) -> Any:
    """Return a client with these answers."""
    return Asked(**said)


async def test_the_nearest_version_is_found() -> None:
    """The first served version is named, and probing ends."""
    asking = client(versions={"31": 204, "30": 200}, api_versions=VERSIONS)
    found = await NEIGHBOUR_VERSIONS.ask(asking, seen(PINNED, MISSING), NOBODY)
    assert found == NeighbourVersionsAsked(
        path="agents", pinned="34", exchange=3, asked=("33", "32", "31"), served="31", status=204, repeated=True
    )
    assert asking.sent[3:] == ["31", "34", "34"]


@pytest.mark.parametrize("then", [{"34": 200, "31": 204}, {"31": 404}, {"31": 500}, {}, None])
async def test_a_version_that_is_served_once(then: dict[str, int] | None) -> None:
    """A version is proven served only if repeats give the same statuses.

    Both versions are requested again, the missing one twice. No answer (None) repeats nothing.
    """
    asking = client(versions={"31": 204}, api_versions=VERSIONS)
    answers = asking.roster_status

    async def changing(version: str) -> Any:
        answered = await answers(version)
        if version == "31" and then is not None:
            asking.versions = then
        elif version == "31":
            asking.failing = {"34": FailureKind.UNREACHABLE}
        return answered

    asking.roster_status = changing
    found = await NEIGHBOUR_VERSIONS.ask(asking, seen(PINNED, MISSING), NOBODY)
    assert isinstance(found, NeighbourVersionsAsked)
    assert (found.served, found.repeated) == ("31", False)


@pytest.mark.parametrize("name", ["version", "apiVersion"])
async def test_versions_far_away_are_those_that_the_server_lists(name: str) -> None:
    """If no near version is served, listed versions come first."""
    listed = (("agents/states", "v15.0"), ("/agents", "v9.0"), ("/agents", "v7.0"), ("/agents", "v33.0"))
    rows = [{"path": path, name: version} for path, version in listed]
    asking = client(details={"apiversion": {"resultSet": {"rows": rows}}}, versions={"9": 200}, api_versions=VERSIONS)
    found = await NEIGHBOUR_VERSIONS.ask(asking, seen(PINNED, MISSING), NOBODY)
    assert isinstance(found, NeighbourVersionsAsked)
    assert (found.served, found.repeated, len(found.asked)) == ("9", True, NEAREST + 1)
    assert asking.sent[NEAREST : NEAREST + 2] == ["apiversion agents", "9"]


async def test_no_version_is_asked_twice() -> None:
    """The nearest versions, listed ones and some others are asked once. A failure ends nothing."""
    asking = client(
        details={"apiversion": [{"path": "agents", "version": "v9.0"}]},
        failing={"33": FailureKind.SERVER_TROUBLE, "29": FailureKind.SERVER_TROUBLE},
        api_versions=VERSIONS,
    )
    found = await NEIGHBOUR_VERSIONS.ask(asking, seen(PINNED, MISSING), NOBODY)
    assert isinstance(found, NeighbourVersionsAsked)
    assert found.asked == ("32", "31", "30", "25", "9", "21", "17", "13")
    assert (found.served, len(asking.sent)) == (None, len(set(asking.sent)))


def test_the_nearest_listed_versions_are_asked() -> None:
    """Of the listed versions, the two nearest ones are asked. The pinned one is not."""
    rows = [{"path": "/agents", "version": f"v{number}.0"} for number in (6, 7, 8, 9, 10, 11, 34)]
    assert versions_listed(rows, "agents", "34", VERSIONS) == ("11", "10")
    for path in ("agents", "/Agents/", "services/agents", " agents "):
        assert versions_listed([{"path": path, "version": " V9.0 "}], "agents", "34", VERSIONS) == ("9",)
    assert versions_listed([{"path": "subagents", "version": "9"}], "agents", "34", VERSIONS) == ()


@pytest.mark.parametrize("body", [None, [], {"error": "v9.0"}, "v9.0", [{"path": "agents", "version": "latest"}]])
async def test_a_list_of_versions_proves_nothing(body: object) -> None:
    """A list without a version changes nothing. Nor does a listed 404."""
    asking = client(details={"apiversion": body}, api_versions=VERSIONS)
    found = await NEIGHBOUR_VERSIONS.ask(asking, seen(PINNED, MISSING), NOBODY)
    assert isinstance(found, NeighbourVersionsAsked)
    assert (found.served, len(found.asked)) == (None, MOST_ASKED)
    lying = client(details={"apiversion": [{"path": "agents", "version": "v9.0"}]}, api_versions=VERSIONS)
    found = await NEIGHBOUR_VERSIONS.ask(lying, seen(PINNED, MISSING), NOBODY)
    assert isinstance(found, NeighbourVersionsAsked)
    assert found.served is None


async def test_the_cost_is_the_most_requests() -> None:
    """The cost is what the search sends at worst. The last version is the served one."""
    rows = [{"path": "agents", "version": version} for version in ("v12.0", "v11.0")]
    asking = client(details={"apiversion": rows}, versions={"9": 200}, api_versions=VERSIONS)
    found = await NEIGHBOUR_VERSIONS.ask(asking, seen(PINNED, MISSING), NOBODY)
    assert isinstance(found, NeighbourVersionsAsked)
    assert (found.repeated, len(asking.sent)) == (True, NEIGHBOUR_VERSIONS.cost)


async def test_no_version_is_there() -> None:
    """If every version is 404, none is served: an observation, too."""
    asking = client(api_versions=VERSIONS)
    found = await NEIGHBOUR_VERSIONS.ask(asking, seen(PINNED, MISSING), NOBODY)
    assert isinstance(found, NeighbourVersionsAsked)
    assert (found.served, len(found.asked)) == (None, MOST_ASKED)


async def test_the_search_for_versions_keeps_to_the_budget() -> None:
    """With the requests used up, the versions asked so far count."""
    asking = client(api_versions=VERSIONS, most=4)
    found = await NEIGHBOUR_VERSIONS.ask(asking, seen(PINNED, MISSING), NOBODY)
    assert isinstance(found, NeighbourVersionsAsked)
    assert (found.served, len(found.asked), len(asking.sent)) == (None, 4, 4)


async def test_no_answer_of_any_version_is_no_fact() -> None:
    """Where no version gave an answer the probe fails."""
    asking = client(failing={"": FailureKind.UNREACHABLE}, api_versions=("34", "33"))
    with pytest.raises(RequestFailed):
        await NEIGHBOUR_VERSIONS.ask(asking, seen(PINNED, MISSING), NOBODY)


@pytest.mark.parametrize("pinned", ["34", "v34.0", "6", "20", "99", "latest"])
def test_neighbours_are_few_near_and_spread(pinned: str) -> None:
    """Neighbours are few, nearest first, from both sides, never the pinned."""
    asked = neighbours(pinned, VERSIONS)
    assert len(asked) <= MOST_ASKED
    assert len(set(asked)) == len(asked)
    assert pinned.removeprefix("v").removesuffix(".0") not in asked
    assert min(map(int, asked)) <= 13


@pytest.mark.parametrize(
    ("pinned", "asked"),
    [
        ("V20.0", ["21", "19", "22", "18", "34", "30", "26", "17", "13", "9"]),
        ("6", ["7", "8", "9", "10", "34", "30", "26", "22", "18", "14"]),
        ("latest", ["34", "33", "32", "31", "30", "25", "20", "15", "10"]),
    ],
)
def test_neighbours_in_their_order(pinned: str, asked: list[str]) -> None:
    """The four nearest versions come first. A sample of all others follows, from the newest on."""
    assert list(neighbours(pinned, VERSIONS)) == asked


def test_of_few_versions_each_is_a_neighbour() -> None:
    """Up to ten versions are asked without leaving one out."""
    assert neighbours("34", VERSIONS[:11]) == VERSIONS[1:11]
    assert neighbours("34", VERSIONS[:3]) == ("33", "32")
    assert neighbours("34", ("34.0",)) == ()


async def test_a_version_without_neighbours_is_asked_nothing() -> None:
    """Without another version nothing is sent, and none is served."""
    asking = client(api_versions=("34",))
    found = await NEIGHBOUR_VERSIONS.ask(asking, seen(PINNED, MISSING), NOBODY)
    assert found == NeighbourVersionsAsked(
        path="agents", pinned="34", exchange=0, asked=(), served=None, status=None, repeated=False
    )
    assert asking.sent == []


@pytest.mark.parametrize(
    ("facts", "worth"),
    [
        (seen(PINNED, MISSING), True),
        (seen(MISSING), False),
        (seen(PINNED), False),
        (seen(PINNED, failed(FailureKind.NOT_FOUND, Stage.STATES)), False),
    ],
    ids=["pinned and missing", "not pinned", "not missing", "the states alone"],
)
def test_versions_are_requested_if_the_pinned_one_is_missing(facts: Any, *, worth: bool) -> None:
    """Other versions are requested only if the pinned one has no roster."""
    assert (NEIGHBOUR_VERSIONS.not_needed(facts, NOBODY) == "") is worth
