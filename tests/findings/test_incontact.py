"""RC2xx to RC9xx on incontact: the same codes, other proofs."""

from __future__ import annotations

import pytest

from cxone_rollcall.findings.finding import Strength
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.model.observations.access import AnswersDated, RolesTried
from cxone_rollcall.model.observations.base import Observation, Selected
from cxone_rollcall.model.observations.probes import BusinessUnitAsked, ServerTimeAsked
from cxone_rollcall.model.observations.states import AgentsAskedAlone, Alone, AskedAlone, StatesAsked, StatesSeen
from cxone_rollcall.model.struct import replace

from .build import (
    AGAIN,
    OWN,
    PUBLISHED,
    ROSTER,
    STATES,
    TENANT,
    TOKEN,
    Example,
    Situation,
    called,
    listed,
    roster_of,
    situation,
    states_of,
    stopped,
    struck,
)

TAKEN = ServerTimeAsked(exchange=AGAIN, status=200, accepted=True)
NOT_TAKEN = ServerTimeAsked(exchange=AGAIN, status=401, accepted=False)
OURS, THEIRS = "11ed0000-0000-4000-8000-000000000001", "11ed0000-0000-4000-8000-000000000002"
ODD = called("a", logged_out="b", absent="c", b={"active": True}, c={"active": True})


def refused(status: int, *seen: Observation) -> Situation:
    """Return a run whose roster was refused with this status."""
    kind = FailureKind.UNAUTHORIZED if status == 401 else FailureKind.FORBIDDEN
    return stopped(kind, Stage.ROSTER, PUBLISHED, OWN, *seen, status=status)


def not_granted(error: str, *seen: Observation, status: int = 400) -> Situation:
    """Return a run that the token endpoint refused with this error."""
    kind = FailureKind.UNAUTHORIZED if status == 401 else FailureKind.REJECTED
    return stopped(kind, Stage.TOKEN, PUBLISHED, *seen, status=status, error=error, tries=1)


def pinned(theirs: str | None, ours: str = OURS) -> Situation:
    """Return a run with a pinned tenant and this business unit. The token names no tenant."""
    unit = BusinessUnitAsked(exchange=AGAIN, tenant=theirs, pointer="/businessUnits/0/tenantId")
    return situation(called("a"), replace(PUBLISHED, tenant_id=ours), OWN, unit)


EXAMPLES = (
    Example(
        "RC302",
        seen=refused(409),
        all=True,
        unlike=refused(403),  # which may as well be the registration's
        instead="RC301",
    ),
    Example(
        "RC301",
        seen=refused(401, TAKEN),
        strength=Strength.SUSPECTED,
        all=True,
        unlike=refused(401, NOT_TAKEN),  # the token is taken nowhere
        instead="RC205",
    ),
    Example(
        "RC205",
        seen=refused(401, NOT_TAKEN),
        strength=Strength.SUSPECTED,
        all=True,
        unlike=refused(401, TAKEN),
        instead="RC301",
    ),
    Example(
        "RC206",
        seen=pinned(THEIRS),
        explains="a",
        all=True,
        unlike=pinned(OURS.upper().replace("-", "")),
        instead=None,
    ),
    Example(
        "RC801",
        seen=listed(
            called("abc", states={"b": "Unavailable", "c": None}),
            Selected(roster=3, kept=3, state="available", exchange=ROSTER),
        ),
        strength=Strength.NOTE,
        explains="bc",
        unlike=listed(called("ab"), Selected(roster=2, kept=2, state="available", exchange=ROSTER)),
        instead=None,
    ),
    Example(
        "RC902",
        seen=listed(ODD),
        explains="c",
        unlike=listed(called("a", absent="c")),  # a list of logged-in agents only
        instead="RC601",
    ),
)


@pytest.mark.parametrize("seen", [refused(403), refused(401, TAKEN)], ids=["403", "401"])
def test_a_missing_right_is_suspected_and_named(seen: Situation) -> None:
    """A refusal names the registration and the key's owner, not a scope. It is never proven."""
    found = seen.only("RC301")
    assert found.strength is Strength.SUSPECTED
    assert "registration" in found.fix_text
    assert "access key's owner" in found.fix_text
    assert "agent:read" not in found.text + found.fix_text + found.settle
    assert seen.codes() == {"RC301"}


def test_both_answers_are_the_evidence_of_a_401() -> None:
    """A 401 and the accepted server time are the evidence together."""
    assert [one.exchange for one in refused(401, TAKEN).only("RC301").evidence] == [ROSTER, AGAIN]
    assert [one.exchange for one in refused(401, NOT_TAKEN).only("RC205").evidence] == [TOKEN, ROSTER, AGAIN]


def test_a_401_is_never_proven_here() -> None:
    """Without the server's time, a 401 may be a permission's."""
    assert refused(401).only("RC205").strength is Strength.SUSPECTED


def test_server_time_says_nothing_on_v2() -> None:
    """On v2 a 401 before any answer proves a rejected token."""
    assert stopped(FailureKind.UNAUTHORIZED, Stage.ROSTER, TAKEN, status=401).only("RC205").strength is Strength.PROVEN


@pytest.mark.parametrize("scopes", [(), ("openid",), ("agent:read", "presence:read")])
def test_scopes_prove_nothing_here(scopes: tuple[str, ...]) -> None:
    """Scopes of a token here neither prove nor rule out anything."""
    assert refused(403, replace(OWN, scopes=scopes)).only("RC301").strength is Strength.SUSPECTED


def test_some_answered_is_a_permission() -> None:
    """If other pages of states were answered, a 403 suggests a permission. One of two backends may refuse."""
    seen = struck(FailureKind.FORBIDDEN, called("a", unknown="b"), PUBLISHED, OWN, status=403)
    found = seen.only("RC302")
    assert (found.strength, found.explains) == (Strength.SUSPECTED, ("b",))
    asked_by_id = struck(FailureKind.FORBIDDEN, called("a", unknown="b"), status=403)
    assert asked_by_id.only("RC302").strength is Strength.PROVEN


def test_a_page_is_no_permission() -> None:
    """A page instead of a refusal makes the permission only suspected. It may come from something before the API."""
    seen = struck(FailureKind.FORBIDDEN, called("a", unknown="b"), PUBLISHED, OWN, status=403, detail="a page: Blocked")
    assert seen.only("RC302").strength is Strength.SUSPECTED


KEY_AS_CLIENT = RolesTried(exchange=AGAIN, client_is_key=True)
CLIENT_AS_KEY = RolesTried(exchange=AGAIN, key_is_client=True)
EXCHANGED = RolesTried(exchange=AGAIN, client_is_key=True, key_is_client=True)


@pytest.mark.parametrize(("error", "code"), [("invalid_client", "RC201"), ("invalid_grant", "RC203")])
@pytest.mark.parametrize(
    ("roles", "said", "mend"),
    [
        (KEY_AS_CLIENT, "what is set as the client is an access key", "set it as CXONE_ACCESS_KEY_ID"),
        (CLIENT_AS_KEY, "what is set as the access key is the client", "set it as CXONE_CLIENT_ID"),
        (EXCHANGED, "client and access key are exchanged", "exchange them: CXONE_CLIENT_ID"),
    ],
    ids=["key as client", "client as key", "exchanged"],
)
def test_exchanged_roles_are_reported(error: str, code: str, roles: RolesTried, said: str, mend: str) -> None:
    """Exchanged client and key are distinguished. With what to set and the proof."""
    found = not_granted(error, roles).only(code)
    assert said in found.text
    assert mend in found.fix_text
    assert found.evidence[-1].exchange == AGAIN


@pytest.mark.parametrize("roles", [RolesTried(), RolesTried(exchange=AGAIN)], ids=["not asked", "refused as well"])
def test_without_a_grant_no_roles_are_reported(roles: RolesTried) -> None:
    """Roles that were not tried, or refused, are not mentioned."""
    found = not_granted("invalid_grant", roles).only("RC203")
    assert found.text.endswith("HTTP 400 invalid_grant")
    assert found.fix_text.startswith("create a new access key for the user")
    assert len(found.evidence) == 1


def test_the_key_is_named_by_its_grant() -> None:
    """With an access key the key is refused. Without one it may be any of three."""
    assert "refuses the access key" in not_granted("invalid_grant").only("RC203").text
    v2 = stopped(FailureKind.REJECTED, Stage.TOKEN, TENANT, status=400, error="invalid_grant", tries=1)
    assert "refuses the key, code or refresh token" in v2.only("RC203").text


def test_the_client_is_of_a_registration_here() -> None:
    """On incontact the application's registration is named. There is no OAuth clients page."""
    found = not_granted("invalid_client", status=401).only("RC201")
    assert "the application's registration" in found.fix_text


def test_claims_go_before_the_business_unit() -> None:
    """A tenant in the token is the proof. If no tenant is named, nothing is foreign."""
    unit = BusinessUnitAsked(exchange=AGAIN, tenant=THEIRS)
    named = situation(called("a"), replace(PUBLISHED, tenant_id=OURS), replace(OWN, tenant=OURS), unit)
    assert "RC206" not in named.codes()
    assert "RC206" not in pinned(None).codes()
    assert pinned(THEIRS).only("RC206").evidence[0].pointer == "/businessUnits/0/tenantId"


def test_a_name_and_a_uuid_may_be_one_tenant() -> None:
    """A tenant's name that differs from a UUID is only suspicious."""
    found = pinned("example-tenant").only("RC206")
    assert found.strength is Strength.SUSPECTED
    assert found.settle


def test_known_states_are_the_contracts() -> None:
    """A state that this contract names is known. One that it does not name is not, under its own pointer."""
    assert listed(called("ab", states={"b": "InboundContact"})).codes() == set()
    found = listed(called("ab", states={"b": "Busy"})).only("RC508")
    assert found.evidence[0].pointer == "/agentStates/*/agentStateName"


def test_pointers_are_the_contracts() -> None:
    """Evidence points to the rows of this contract."""
    roll = called("a", logged_out="b", absent="cd", c={"active": False}, d={"last_login": ""}, a={"last_login": "x"})
    short = listed(called("ab", complete=False), roster_of(called("ab"), total=5, totals=(4, 5), capped=1))
    empty = situation(called(), PUBLISHED, OWN, roster_of(called(), total=0), without=(StatesAsked, StatesSeen))
    found = [finding for seen in (listed(roll), short, empty, listed(ODD)) for finding in seen.findings()]
    pointers = {one.pointer for finding in found for one in finding.evidence}
    assert {finding.code for finding in found} == {
        *("RC501", "RC502", "RC503", "RC504", "RC601", "RC602", "RC603", "RC902")
    }
    assert pointers == {
        *("/agents", "/totalRecords", "/agents/*/isActive", "/agents/*/lastLogin"),
        *("/agentStates", "/agentStates/*/agentStateName"),
    }


def test_rows_of_inactive_agents_make_no_missing_row_suspicious() -> None:
    """Rows of inactive agents do not make missing rows suspicious. If agents off shift have none."""
    seen = listed(called("a", logged_out="b", absent="c", b={"active": False}, c={"active": True}))
    strengths = {finding.explains: finding.strength for finding in seen.findings()}
    assert strengths == {("b",): Strength.PROVEN, ("c",): Strength.SUSPECTED}
    assert seen.codes() == {"RC601"}


@pytest.mark.parametrize(("age", "stale"), [(61.0, True), (300.0, True), (60.0, False), (0.0, False)])
def test_an_old_look_is_stale(age: float, *, stale: bool) -> None:
    """States polled over a minute before their response are stale."""
    dated = AnswersDated(ahead=0.0, ahead_exchange=TOKEN, age=0.0, age_exchange=0, poll_age=age, poll_exchange=STATES)
    seen = listed(called("ab"), dated)
    assert ("RC702" in seen.codes()) is stale
    if stale:
        assert f"{age:.0f} s before it answered" in seen.only("RC702").text


def test_server_time_stands_in_for_the_date() -> None:
    """Without dates, the server's time shows the clocks' difference."""
    dated = AnswersDated(ahead=None, ahead_exchange=0, age=0.0, age_exchange=0)
    seen = listed(called("ab"), dated, replace(TAKEN, ahead=-120.0))
    assert seen.only("RC701").evidence[0].pointer == "/ServerTime"


def test_a_misspelt_state_is_corrected_from_the_rows() -> None:
    """A misspelt state without agents is corrected from the rows."""
    chosen = Selected(roster=2, kept=2, state="Availble", exchange=ROSTER)
    assert "did you mean Available?" in listed(called("ab"), chosen).only("RC801").text
    assert "RC801" not in situation(called("ab"), chosen).codes()  # the server of v2 filters


def test_a_silent_list_is_no_scope() -> None:
    """An empty list without a witness is RC605, with every agent unknown."""
    roll = called(unknown="ab")
    seen = listed(roll, states_of(roll, listed=True, unvouched=("a", "b"), unvouched_exchange=STATES))
    assert seen.codes() == {"RC605"}


def test_a_named_agent_is_measured_by_the_whole_list() -> None:
    """Rows of unselected agents make a named agent's missing row suspicious."""
    roll = called(absent="c", c={"active": True})
    chosen = Selected(agents=("c",), roster=9, kept=1, exchange=ROSTER)
    assert listed(roll, states_of(roll, listed=True, lists_logged_out=True), chosen).only("RC902").explains == ("c",)
    assert listed(roll, chosen).only("RC601").strength is Strength.SUSPECTED


def test_a_spot_checked_row_does_not_change_the_list() -> None:
    """A row of an agent requested alone does not change the list. It stays one without rows for logged-out agents."""
    roll = called("a", logged_out="b", absent="c", b={"active": True}, c={"active": True})
    seen = listed(roll, asked_alone(("b", Alone.ROW)))
    assert {finding.explains: finding.strength for finding in seen.findings()} == {
        ("b",): Strength.PROVEN,
        ("c",): Strength.SUSPECTED,
    }


def asked_alone(*said: tuple[str, Alone]) -> AgentsAskedAlone:
    """Return what was answered to agents asked for by themselves."""
    return AgentsAskedAlone(items=tuple(AskedAlone(agent_id=one, said=what, exchange=AGAIN) for one, what in said))


def test_a_refused_spot_check_is_a_permission() -> None:
    """If one of several spot checks is refused, its agent is hidden. The cause is a permission."""
    roll = called("a", logged_out="b", unknown="c")
    alone = asked_alone(("b", Alone.ROW), ("c", Alone.FORBIDDEN))
    for again, strength in (
        ((Alone.ROW, Alone.FORBIDDEN, Alone.FORBIDDEN), Strength.PROVEN),
        ((), Strength.SUSPECTED),
        ((Alone.ROW, Alone.FORBIDDEN), Strength.SUSPECTED),
        ((Alone.FORBIDDEN, Alone.FORBIDDEN, Alone.FORBIDDEN), Strength.SUSPECTED),
        ((Alone.ROW, Alone.FORBIDDEN, Alone.NO_ROW), Strength.SUSPECTED),
    ):
        found = listed(roll, replace(alone, again=asked_alone(*zip("bcc", again, strict=False)).items)).only("RC302")
        assert (found.strength, found.explains) == (strength, ("c",))
        settle = "" if strength is Strength.PROVEN else "run the check again: the same agents must be refused"
        assert found.settle == settle


def test_all_spot_checks_refused_is_suspected() -> None:
    """If all requests for single agents fail, the request itself is suspected."""
    roll = called("a", logged_out="b", unknown="c")
    found = listed(roll, asked_alone(("c", Alone.FORBIDDEN))).only("RC302")
    assert (found.strength, found.settle) == (Strength.SUSPECTED, "request an agent that has a row, alone")
    for said in (Alone.NO_ROW, Alone.NOT_FOUND, Alone.FAILED):
        assert "RC302" not in listed(roll, asked_alone(("c", said))).codes()
