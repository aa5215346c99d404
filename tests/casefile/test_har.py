"""A case as a HAR file, which browsers' developer tools open."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.casefile.runs import ran

from cxone_rollcall.casefile.har import har
from cxone_rollcall.casefile.reader import read
from cxone_rollcall.model.struct import replace
from cxone_rollcall.version import __version__


async def log_of(*faults: str, contract: str = "v2") -> dict[str, Any]:
    """The log of the HAR file of a run over the emulator."""
    log: dict[str, Any] = json.loads(har(read((await ran(*faults, contract=contract)).file(), "case.json").kept))["log"]
    return log


@pytest.mark.parametrize("contract", ["v2", "incontact"])
async def test_every_exchange_is_an_entry(contract: str) -> None:
    """Each entry has the members that HAR 1.2 demands, with absolute addresses."""
    log = await log_of(contract=contract)
    assert log["version"] == "1.2"
    assert log["creator"] == {"name": "rollcall", "version": __version__}
    assert [entry["comment"].split()[0] for entry in log["entries"]] == [
        f"#{number + 1}" for number in range(len(log["entries"]))
    ]
    for entry in log["entries"]:
        assert {"startedDateTime", "time", "request", "response", "cache", "timings"} <= set(entry)
        assert {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"} <= set(
            entry["request"]
        )
        assert {"status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL"} <= set(
            entry["response"]
        )
        assert entry["request"]["url"].startswith("http://127.0.0.1:")
        assert ("postData" in entry["request"]) == (entry["request"]["bodySize"] > 0)


async def test_a_form_and_a_query_are_kept() -> None:
    """The token request has its form, the page its query."""
    token, page = (await log_of())["entries"][:2]
    assert token["request"]["postData"]["text"].startswith("grant_type=client_credentials")
    assert {"name": "page", "value": "1"} in page["request"]["queryString"]
    assert json.loads(page["response"]["content"]["text"])
    assert page["response"]["content"]["mimeType"].startswith("application/json")


async def test_a_request_without_a_response_has_status_0() -> None:
    """A failed request has status 0 and its error. Browsers write it so."""
    entries = (await log_of("reset"))["entries"]
    assert {entry["response"]["status"] for entry in entries} == {0}
    assert all(entry["_error"] for entry in entries)


async def test_a_request_to_another_host_keeps_its_address() -> None:
    """A target with a host of its own keeps that host."""
    kept = read((await ran()).file(), "case.json").kept
    (token, *others) = kept.exchanges
    kept = replace(kept, exchanges=(replace(token, target="https://other.example/token?a=1"), *others))
    first, second = json.loads(har(kept))["log"]["entries"][:2]
    assert first["request"]["url"] == "https://other.example/token?a=1"
    assert first["request"]["queryString"] == [{"name": "a", "value": "1"}]
    assert second["request"]["url"].startswith("http://127.0.0.1:")
