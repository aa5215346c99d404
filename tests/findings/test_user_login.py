"""RC207, RC208: whether there is a user behind the token."""

from __future__ import annotations

import pytest

from cxone_rollcall.findings.finding import Strength
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.base import Failures, Observation
from cxone_rollcall.model.observations.probes import ServerTimeAsked
from cxone_rollcall.model.observations.roster import RosterRead
from cxone_rollcall.model.observations.states import StatesAsked, StatesSeen
from cxone_rollcall.model.struct import replace

from .build import (
    AGAIN,
    OWN,
    PUBLISHED,
    TENANT,
    TOKEN,
    Example,
    Situation,
    called,
    failed,
    roster_of,
    situation,
    states_of,
    stopped,
)

NOBODY = TokenGranted(exchange=TOKEN, scopes=None, has_user=False)
CLIENT = replace(PUBLISHED, grant_type="client_credentials")
USER = replace(TENANT, grant_type="authorization_code")
TAKEN = ServerTimeAsked(exchange=AGAIN, status=200, accepted=True)


def refused(token: TokenGranted, *seen: Observation, status: int = 403) -> Situation:
    """Return an incontact run whose roster was refused to this token."""
    kind = FailureKind.UNAUTHORIZED if status == 401 else FailureKind.FORBIDDEN
    return stopped(kind, Stage.ROSTER, PUBLISHED, token, *seen, status=status)


def both_refused(token: TokenGranted) -> Situation:
    """Return an incontact run with roster and states refused."""
    failures = Failures(
        items=tuple(failed(FailureKind.FORBIDDEN, stage, status=403) for stage in (Stage.ROSTER, Stage.STATES))
    )
    roll = called(complete=False)
    asked = states_of(roll, exchange=0, listed=True)
    return situation(roll, CLIENT, token, failures, asked, without=(RosterRead, StatesSeen))


def empty(token: TokenGranted) -> Situation:
    """Return an incontact run with an empty roster."""
    roll = called()
    return situation(roll, PUBLISHED, token, roster_of(roll, total=0), without=(StatesAsked, StatesSeen))


def not_granted(tenant: Observation, error: str = "invalid_grant") -> Situation:
    """Return a run that the token endpoint refused with this error."""
    return stopped(FailureKind.REJECTED, Stage.TOKEN, tenant, status=400, error=error, tries=1)


def test_a_login_that_ended_hides_no_other_refusal() -> None:
    """A login that ended hides no other refusal of a token."""
    refusals = ((400, "invalid_grant"), (401, "invalid_client"))
    items = tuple(failed(FailureKind.REJECTED, Stage.TOKEN, status=status, error=error) for status, error in refusals)
    without = (RosterRead, StatesAsked, StatesSeen, TokenGranted)
    seen = situation(called(complete=False), USER, Failures(items=items), without=without)
    assert {"RC208", "RC201"} <= seen.codes()


EXAMPLES = (
    Example(
        "RC207",
        seen=refused(NOBODY, CLIENT),
        all=True,
        unlike=refused(OWN, CLIENT),  # there is a user, whose rights do not reach so far
        instead="RC301",
    ),
    Example(
        "RC207",
        seen=empty(NOBODY),
        strength=Strength.SUSPECTED,
        all=True,
        unlike=empty(OWN),
        instead="RC501",
    ),
    Example(
        "RC207",
        seen=both_refused(NOBODY),
        all=True,
        unlike=both_refused(OWN),
        instead="RC301",
    ),
    Example(
        "RC208",
        seen=stopped(FailureKind.LOGIN_REQUIRED, Stage.TOKEN, USER, exchange=0, tries=1),
        all=True,
        unlike=not_granted(USER, "invalid_client"),  # the login is not looked at: the client is refused before
        instead="RC201",
    ),
    Example(
        "RC208",
        seen=not_granted(USER),
        all=True,
        unlike=not_granted(PUBLISHED),  # it is an access key that is refused
        instead="RC203",
    ),
)


@pytest.mark.parametrize("status", [403, 409])
def test_one_cause_is_named(status: int) -> None:
    """A token without a user is the only cause named. Neither its permissions nor an empty roster are."""
    assert refused(NOBODY, status=status).codes() == {"RC207"}
    assert empty(NOBODY).codes() == {"RC207"}


def test_refused_states_share_the_cause() -> None:
    """If states are refused too, the missing user is the only cause."""
    assert both_refused(NOBODY).codes() == {"RC207"}


def test_claims_alone_prove_nothing() -> None:
    """With an access key a missing user is only suspected. No document says which claims a user's token has."""
    found = refused(NOBODY).only("RC207")
    assert found.strength is Strength.SUSPECTED
    assert found.settle


@pytest.mark.parametrize("has_user", [None, True])
def test_an_unreadable_user_is_not_missing(has_user: bool | None) -> None:
    """A token with unreadable claims, or a user, has a user."""
    assert "RC207" not in refused(replace(OWN, has_user=has_user), CLIENT).codes()


def test_v2_needs_no_user() -> None:
    """On v2 a token needs no user."""
    seen = stopped(FailureKind.FORBIDDEN, Stage.ROSTER, replace(NOBODY, scopes=()), status=403)
    assert "RC207" not in seen.codes()
    assert "RC301" in seen.codes()


def test_a_roster_that_was_read_needs_no_user() -> None:
    """If the roster has agents, the token has its permissions."""
    assert "RC207" not in situation(called("ab"), PUBLISHED, NOBODY).codes()
    later_page = Failures(items=(failed(FailureKind.FORBIDDEN, Stage.ROSTER, status=403),), answered=3)
    seen = situation(called("ab", complete=False), CLIENT, NOBODY, later_page, without=(RosterRead,))
    assert "RC207" not in seen.codes()


def test_a_401_needs_a_token_that_is_accepted() -> None:
    """A 401 is the user's if the server's time is accepted. Otherwise it is the token's."""
    assert refused(NOBODY, CLIENT, TAKEN, status=401).only("RC207").strength is Strength.SUSPECTED
    alone = refused(NOBODY, CLIENT, status=401)
    assert alone.codes() == {"RC205"}
    assert RosterRead not in alone.case()


def test_a_login_not_stored_is_reported() -> None:
    """Without a stored login the evidence is the setting. Nothing was sent; the fix is a command."""
    found = stopped(FailureKind.LOGIN_REQUIRED, Stage.TOKEN, USER, exchange=0, tries=1).only("RC208")
    assert [(one.exchange, one.pointer) for one in found.evidence] == [(0, "CXONE_GRANT_TYPE")]
    assert found.fix_text == "rollcall auth login"


def test_a_missing_login_is_no_failed_request() -> None:
    """A missing login is named once, not as a failed request."""
    seen = stopped(FailureKind.LOGIN_REQUIRED, Stage.TOKEN, USER, exchange=0, tries=1)
    assert seen.codes() == {"RC208"}
