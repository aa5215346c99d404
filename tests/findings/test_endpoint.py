"""RC107 to RC109: which contract and version a host serves."""

from __future__ import annotations

from typing import Any

import pytest

from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.model.observations.access import VersionFallback, VersionsFallenBack
from cxone_rollcall.model.observations.base import Observation, TenantAsked
from cxone_rollcall.model.observations.probes import NeighbourVersionsAsked
from cxone_rollcall.model.struct import replace

from .build import (
    AGAIN,
    PUBLISHED,
    ROSTER,
    TENANT,
    Example,
    Situation,
    called,
    listed,
    other_contract,
    stopped,
    struck,
)

PINNED = replace(PUBLISHED, pinned_version="34")


def neighbours(served: str | None, status: int | None) -> NeighbourVersionsAsked:
    """Return what other versions of the roster's path answered."""
    return NeighbourVersionsAsked(
        path="agents", pinned="34", exchange=AGAIN, served=served, status=status, repeated=True
    )


def missing(*seen: Observation, tenant: Observation = PINNED) -> Situation:
    """Return a run with a pinned version, 404 on both contracts."""
    return stopped(FailureKind.NOT_FOUND, Stage.ROSTER, tenant, other_contract(answers=False), *seen, status=404)


EXAMPLES = (
    Example(
        "RC109",
        seen=missing(neighbours("30", 200)),
        all=True,
        unlike=missing(neighbours(None, None)),  # no version of the path is there
        instead="RC107",
    ),
    Example(
        "RC108",
        seen=stopped(
            FailureKind.NOT_FOUND,
            Stage.ROSTER,
            PUBLISHED,
            replace(other_contract(answers=True), contract="v2"),
            status=404,
        ),
        all=True,
        unlike=missing(neighbours("30", 204), replace(other_contract(answers=True), contract="v2")),
        instead="RC109",
    ),
)


@pytest.mark.parametrize("status", [200, 204, 403, 409])
def test_a_path_that_is_there_proves_the_version(status: int) -> None:
    """A served path in another version proves that the version is missing."""
    seen = missing(neighbours("30", status))
    assert seen.codes() == {"RC109"}
    assert "CXONE_API_VERSION=30" in seen.only("RC109").fix_text


def test_one_answer_proves_neither_version_nor_contract() -> None:
    """Without a repetition in turns, another version or contract is only suspected. So is a missing path."""
    once = missing(replace(neighbours("30", 200), repeated=False)).only("RC109")
    other = replace(other_contract(answers=True), contract="v2", repeated=False)
    spoken = stopped(FailureKind.NOT_FOUND, Stage.ROSTER, PUBLISHED, other, status=404).only("RC108")
    other = replace(other_contract(answers=False), contract="v2", repeated=False)
    nowhere = stopped(FailureKind.NOT_FOUND, Stage.ROSTER, PUBLISHED, other, status=404).only("RC107")
    assert {(one.strength, bool(one.settle)) for one in (once, spoken, nowhere)} == {(Strength.SUSPECTED, True)}


@pytest.mark.parametrize("status", [301, 400, 500, 503])
def test_an_unclear_answer_proves_no_version(status: int) -> None:
    """A neighbour in trouble proves nothing: RC107 is suspected."""
    seen = missing(neighbours("30", status))
    assert seen.codes() == {"RC107"}
    assert seen.only("RC107").strength is Strength.SUSPECTED


def test_a_404_for_the_states_is_not_the_rosters() -> None:
    """If the roster was read in the pinned version, others prove nothing."""
    seen = struck(
        FailureKind.NOT_FOUND,
        called(unknown="ab"),
        PINNED,
        other_contract(answers=False),
        neighbours("30", 200),
        status=404,
    )
    assert "RC109" not in seen.codes()


def test_states_under_a_pin_may_be_of_another_version() -> None:
    """A 404 for only the states names the pinned version."""
    seen = struck(FailureKind.NOT_FOUND, called(unknown="ab"), PINNED, other_contract(answers=False), status=404)
    found = seen.only("RC107")
    assert found.strength is Strength.SUSPECTED
    assert "CXONE_API_VERSION" in found.settle


def test_falling_back_is_a_note() -> None:
    """A fallback is a note with both exchanges; without one, none."""
    item = VersionFallback(path="agents", refused="34", refused_exchange=ROSTER, served="23", served_exchange=AGAIN)
    found = listed(called("ab"), VersionsFallenBack(items=(item,))).only("RC109")
    assert (found.strength, found.explains, found.explains_all) == (Strength.NOTE, (), False)
    assert [one.exchange for one in found.evidence] == [ROSTER, AGAIN]
    assert listed(called("ab"), VersionsFallenBack()).codes() == set()


@pytest.mark.parametrize(
    ("asked", "spoken", "line"),
    [
        (TENANT, "incontact", "CXONE_CONTRACT=incontact, or auto, with an access key in CXONE_ACCESS_KEY_ID"),
        (PUBLISHED, "v2", "CXONE_CONTRACT=v2, or auto, with the client in CXONE_CLIENT_ID"),
        (replace(PUBLISHED, chosen="an access key is set"), "v2", "CXONE_CONTRACT=v2, with the client"),
    ],
    ids=["v2 asked", "incontact asked", "chosen by auto"],
)
def test_the_line_to_set_is_named(asked: Observation, spoken: str, line: str) -> None:
    """The fix of RC108 is the line to set, in both directions. auto is not offered if it misled."""
    other = replace(other_contract(answers=True), contract=spoken)
    found = stopped(FailureKind.NOT_FOUND, Stage.ROSTER, asked, other, status=404).only("RC108")
    assert line in found.fix_text
    assert f"it serves {spoken}" in found.text


def test_the_reason_for_the_contract_is_named() -> None:
    """If rollcall chose the contract, a 404 says why."""
    chosen = replace(PUBLISHED, chosen="an access key is set")
    assert "(chosen because an access key is set)" in missing(tenant=chosen).only("RC107").text


def test_a_pinned_version_proves_no_missing_path() -> None:
    """Under a pinned version, a missing path is only suspected."""
    assert missing(neighbours(None, None)).only("RC107").strength is Strength.SUSPECTED
    assert missing(tenant=PUBLISHED).only("RC107").strength is Strength.PROVEN


def test_a_neighbour_in_trouble_leaves_the_contract_open() -> None:
    """An unclear neighbour leaves RC108 suspected."""
    other = replace(other_contract(answers=True), contract="v2")
    found = missing(neighbours("30", 503), other).only("RC108")
    assert found.strength is Strength.SUSPECTED
    assert found.settle


def undiscovered(status: int, tenant: TenantAsked = PUBLISHED, **said: Any) -> Finding:
    """Return what is found if discovery is answered with this status."""
    seen = stopped(FailureKind.NOT_FOUND, Stage.DISCOVERY, tenant, other_contract(answers=False), status=status, **said)
    assert seen.codes() == {"RC107"}
    return seen.only("RC107")


def test_a_missing_discovery() -> None:
    """A discovery that is 404 is named as requested. The token is named as not requested."""
    found = undiscovered(404)
    assert "answers HTTP 404 to the request for the discovery, and at the path of" in found.text
    assert "token" not in found.text
    assert "CXONE_TENANT_ID" in found.fix_text
    assert "check CXONE_TENANT_ID" in undiscovered(404, replace(PUBLISHED, tenant_id="11ed")).fix_text


@pytest.mark.parametrize("status", [401, 403, 407, 451])
def test_a_refused_discovery(status: int) -> None:
    """A refused discovery is suspected of a network, not of credentials. No credentials were sent."""
    found = undiscovered(status)
    assert found.strength is Strength.SUSPECTED
    assert f"answers HTTP {status} to the discovery" in found.text
    assert "HTTPS_PROXY" in found.fix_text


def test_a_discovery_that_wants_more() -> None:
    """Any other status is suspected, and its words are shown."""
    found = undiscovered(400, detail="no discovery here: tenantId is missing")
    assert (found.strength, "tenantId is missing" in found.text) == (Strength.SUSPECTED, True)


def test_the_host_that_answered() -> None:
    """The host in the headline is the one that was asked."""
    seen = stopped(
        FailureKind.NOT_FOUND,
        Stage.TOKEN,
        PUBLISHED,
        other_contract(answers=False),
        status=404,
        host="issuer.example.com",
        guessed=True,
    )
    found = seen.only("RC107")
    assert found.text.startswith("issuer.example.com answers HTTP 404 to the request for the token")
    assert found.strength is Strength.SUSPECTED


@pytest.mark.parametrize(
    ("tenant", "instance"),
    [(TENANT, "api-us-01.nice-incontact.com"), (PUBLISHED, "api-na1.niceincontact.com")],
)
def test_no_advice_to_set_what_is_set(tenant: TenantAsked, instance: str) -> None:
    """An example that equals the setting is no advice."""
    tenant = replace(tenant, instance=instance)
    seen = stopped(FailureKind.NOT_FOUND, Stage.ROSTER, tenant, other_contract(answers=False), status=404)
    assert instance not in seen.only("RC107").fix_text


def test_another_contract_beside_a_refused_discovery() -> None:
    """A refused discovery leaves the other contract only suspected."""
    other = replace(other_contract(answers=True), contract="v2")
    seen = stopped(FailureKind.NOT_FOUND, Stage.DISCOVERY, PUBLISHED, other, status=403)
    assert seen.only("RC108").strength is Strength.SUSPECTED
