"""Misleading faults of incontact: discovery, versions, pages, links."""

from typing import Any

import pytest

Visit = Any  # the fixture of conftest.py, which import-mode importlib does not let a test import
Visitor = Any  # and what it yields

ELSEWHERE = "https://elsewhere.invalid"
LISTS = pytest.mark.parametrize(("path", "key"), [("agents", "agents"), ("agents/states", "agentStates")])


def ids(page: Any, key: str) -> list[str]:
    """Return the agents of a page."""
    return [str(row["agentId"]) for row in page[key]]


@pytest.mark.parametrize(
    ("what", "body"),
    [("html", b"<!DOCTYPE html>"), ("empty", b""), ("json-null", b"null"), ("foreign-host", ELSEWHERE.encode())],
)
async def test_discovery_wrong(published: Visit, what: str, body: bytes) -> None:
    """Both configurations are wrong with a 200. The keys and the API are right."""
    async with published(f"discovery-wrong={what}") as visitor:
        for name in ("openid-configuration", "cxone-configuration"):
            reply = await visitor.ask("GET", f"/.well-known/{name}")
            assert reply.status == 200
            assert reply.body == body if what in {"empty", "json-null"} else body in reply.body
            assert visitor.url.encode() not in reply.body
            assert ("html" in reply.headers["content-type"]) == (what == "html")
        assert (await visitor.ask("GET", "/auth/jwks")).json["keys"]
        assert (await visitor.agents()).status == 200


async def test_foreign_host_keeps_the_paths(published: Visit) -> None:
    """Endpoints on another host keep their paths. The tenant is right."""
    async with published("discovery-wrong=foreign-host") as visitor:
        openid = (await visitor.ask("GET", "/.well-known/openid-configuration")).json
        assert openid["token_endpoint"] == f"{ELSEWHERE}/auth/token"
        said = (await visitor.ask("GET", "/.well-known/cxone-configuration")).json
        assert (said["api_endpoint"], said["tenantId"]) == (ELSEWHERE, visitor.emulator.tenant.tenant_id)


async def test_version_missing(published: Visit) -> None:
    """Later versions are a 404 with a reason, others answer."""
    async with published("version-missing") as visitor:
        for version, status in ((34, 404), (24, 404), (23, 200), (6, 200)):
            for path in ("agents", "agents/states", "agents/30000000001/states", "business-unit"):
                for base in ("/incontactapi/services/v", "//InContactAPI//services/V"):
                    reply = await visitor.ask("GET", f"{base}{version}.0/{path}")
                    assert (reply.status, "icstatusdescription" in reply.headers) == (status, status == 404)


@LISTS
async def test_skip_ignored(published: Visit, path: str, key: str) -> None:
    """Every page is the first, while the links go on."""
    async with published("skip-ignored") as visitor:
        first, second, third = [(await visitor.get(f"{path}?top=50&skip={skip}")).json for skip in (0, 50, 100)]
        assert ids(first, key) == ids(second, key) == ids(third, key) == visitor.ids()[:50]
        assert ("skip=50" in first["_links"]["next"], "skip=100" in second["_links"]["next"]) == (True, True)
        assert third["_links"]["next"] is None


@LISTS
@pytest.mark.parametrize("form", ["absolute", "relative"])
async def test_next_link_loops(published: Visit, path: str, key: str, form: str) -> None:
    """The next link repeats its page, or leads from last to first."""
    async with published("next-link-loops", readings={"next_link": form}) as visitor:
        for skip in (0, 50):
            page = (await visitor.get(f"{path}?top=50&skip={skip}")).json
            again = (await visitor.ask("GET", page["_links"]["next"].removeprefix(visitor.url))).json
            assert ids(page, key) == ids(again, key) == visitor.ids()[skip : skip + 50]
        assert (await visitor.get(f"{path}?top=50&skip=100")).json["_links"]["next"] is None
        await visitor.ask("PUT", "/_emulator/faults", json={"faults": ["next-link-loops=first"]})
        target, seen = f"{visitor.base}{path}?top=50", []
        for _ in range(4):
            page = (await visitor.ask("GET", target)).json
            seen += ids(page, key)
            target = page["_links"]["next"].removeprefix(visitor.url)
        assert seen == visitor.ids() + visitor.ids()[:50]
        assert (await visitor.get("agents/30000000001/states")).json["_links"]["next"] is None


@LISTS
@pytest.mark.parametrize("form", ["absolute", "relative"])
async def test_next_link_elsewhere(published: Visit, path: str, key: str, form: str) -> None:
    """Links name a host that does not exist. Requested here, their targets are right."""
    async with published("next-link-elsewhere", readings={"next_link": form}) as visitor:
        target, seen = f"{visitor.base}{path}?top=50", []
        for _ in range(3):
            page = (await visitor.ask("GET", target)).json
            seen += ids(page, key)
            links = {link for link in page["_links"].values() if link}
            assert all(link.startswith(f"{ELSEWHERE}/incontactapi/") for link in links)
            target = (page["_links"]["next"] or "").removeprefix(ELSEWHERE)
        assert (seen, target) == (visitor.ids(), "")


@pytest.mark.parametrize("fault", ["skip-ignored", "next-link-loops", "next-link-elsewhere", "hidden-agents"])
async def test_shapes_without_links(published: Visit, fault: str) -> None:
    """These faults change nothing in a shape without links."""
    async with published(fault, readings={"shape": "v23", "result_set": True}) as visitor:
        said = (await visitor.get("agents/states")).json["resultSet"]
        assert (set(said), len(said["agentStates"])) == ({"agentStates"}, 117 if fault == "hidden-agents" else 120)
