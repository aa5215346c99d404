"""A path that the newest API version lacks is requested in older. The log has the fallback."""

from __future__ import annotations

import pytest
from tests.client.hosts import WHOLE, Host
from tests.contracts.playing import said
from tests.support.scripted_client import failure_of, incontact

from cxone_rollcall.client import Client
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.transport.base import TransportFault

VERSIONS = range(6, 35)


async def ask(client: Client, what: str) -> Request:
    """Request the first page of a list; return the last request."""
    first = incontact(client).first_agents(100) if what == "agents" else incontact(client).first_states(100)
    return (await first)[0]


def asked(host: Host, what: str) -> list[int]:
    """Return the versions that a list was asked in."""
    end = f".0/{what}"
    return [int(one.split("/v")[1].split(".")[0]) for one in host.targets if one.endswith(end)]


@pytest.mark.parametrize("what", ["agents", "agents/states"])
@pytest.mark.parametrize("served", VERSIONS)
async def test_a_path_that_the_newest_version_lacks(what: str, served: int) -> None:
    """One request per version finds the version that serves a path. The log has it."""
    host = Host(served=frozenset({served}))
    client = host.client()
    assert f"/v{served}.0/{what}?" in (await ask(client, what)).target
    versions = asked(host, what)
    assert (versions[0], versions[-1]) == (34, served)
    assert len(set(versions)) == len(versions)
    if served == 34:
        assert client.log.fallbacks == []
    else:
        (fallback,) = client.log.fallbacks
        assert (fallback.path, fallback.refused, fallback.served) == (what, "34", str(served))
        assert client.log.exchanges[fallback.refused_exchange - 1].status == 404
        assert fallback.served_exchange == len(client.log.exchanges)


async def test_a_version_that_was_found() -> None:
    """The version found for a path is used from then on. The log has the fallback once."""
    host = Host(served=frozenset({28}))
    client = host.client()
    await ask(client, "agents")
    before = len(host.sent)
    await ask(client, "agents")
    assert asked(host, "agents")[-2:] == [28, 28]
    assert (len(host.sent), len(client.log.fallbacks)) == (before + 1, 1)


async def test_each_path_has_its_own_version() -> None:
    """States in the newest version stay there, whatever the roster's version."""

    def says(request: Request) -> Response | None:
        if "/states" in request.target:
            return None
        return None if "/v23.0/" in request.target or "/incontactapi/" not in request.target else said(404)

    host = Host(says=says)
    client = host.client()
    await ask(client, "agents")
    await ask(client, "agents/states")
    assert asked(host, "agents/states") == [34]
    assert [one.path for one in client.log.fallbacks] == ["agents"]


async def test_no_version_at_all() -> None:
    """If no version is served, the newest one's failure is raised.

    Each was requested, the newest one again at the end.
    """
    host = Host(served=frozenset())
    client = host.client()
    raised = await failure_of(ask(client, "agents"))
    assert (raised.failure.kind, raised.failure.stage) == (FailureKind.NOT_FOUND, Stage.ROSTER)
    assert sorted(asked(host, "agents")[:-1]) == list(VERSIONS)
    assert asked(host, "agents")[-1] == 34
    assert "/v34.0/" in client.log.exchanges[raised.failure.exchange - 1].target
    assert client.log.fallbacks == []


@pytest.mark.parametrize("what", ["agents", "agents/states"])
async def test_a_pinned_version(what: str) -> None:
    """A pinned version is the only one tried."""
    host = Host(served=frozenset({33}))
    client = host.client(version="34")
    assert (await failure_of(ask(client, what))).failure.kind is FailureKind.NOT_FOUND
    assert asked(host, what) == [34]
    assert f"/v33.0/{what}?" in (await ask(host.client(version="33"), what)).target


@pytest.mark.parametrize(
    "answer",
    [said(403), said(409), said(400), said(401), said(200, b"<html>"), TransportFault(FailureKind.CERTIFICATE, "bad")],
)
async def test_other_failures(answer: Response | TransportFault) -> None:
    """Any failure but 404 is raised, and no other version is tried. Only 404 means that a version is not served."""
    host = Host(says=lambda request: answer if "/incontactapi/" in request.target else None)
    raised = await failure_of(ask(host.client(), "agents"))
    assert raised.failure.kind is not FailureKind.NOT_FOUND
    assert set(asked(host, "agents")) == {34}


async def test_one_page_in_another_version() -> None:
    """Testing another version does not change the one in use."""
    host = Host(served=frozenset({34, 28}))
    client = host.client()
    assert (await incontact(client).roster_status("28")).value == WHOLE.status
    assert (await incontact(client).roster_status("29")).value == 404
    assert "/v34.0/" in (await ask(client, "agents")).target
