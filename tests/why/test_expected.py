"""What the user sees is evidence that no API answer explains away."""

from __future__ import annotations

import pytest
from tests.why.conftest import PUBLISHED, V2, Why, struck_by

PRESENT, OFF_SHIFT, INACTIVE, NEVER = "30000000002", "30000000001", "30000000029", "30000000017"


@pytest.mark.parametrize(
    ("contracts", "agent_id", "said"),
    [
        (V2, OFF_SHIFT, "the API has no row for it"),
        (PUBLISHED, OFF_SHIFT, "the API says LoggedOut"),
        (V2, INACTIVE, "inactive, as the roster says"),
        (V2, NEVER, "the API has no row for it"),
        (PUBLISHED, NEVER, "the API says LoggedOut"),
    ],
)
async def test_a_login_that_the_user_sees_is_reported(
    why: Why, contracts: tuple[str, ...], agent_id: str, said: str
) -> None:
    """One sentence says what the API and the user see. It names where else the desktop may be logged in; exit 3."""
    asked = await why(agent_id, "--expect-logged-in", contracts=contracts)
    sentence = asked.out.splitlines()[0]
    assert asked.exit == 3
    assert said in sentence
    assert "you see a login: then the desktop is logged in to another tenant or business unit" in sentence
    assert "RC601" not in asked.out
    assert "--save case.json" in asked.out


async def test_a_present_agent_is_present(why: Why) -> None:
    """Expecting a present agent changes nothing."""
    asked = await why(PRESENT, "--expect-logged-in")
    assert asked.exit == 0
    assert "is logged in: " in asked.out.splitlines()[0]


async def test_the_exit_code_and_the_json_agree(why: Why) -> None:
    """JSON verdict and exit code agree, and RC902 explains the agent."""
    asked = await why(OFF_SHIFT, "--expect-logged-in", "--format", "json", contracts=PUBLISHED)
    assert asked.exit == asked.document["exit"] == 3
    assert asked.document["verdict"] == "cannot-tell"
    assert asked.agent["findings"] == ["RC902"]


async def test_an_agent_seen_elsewhere_is_no_contradiction(why: Why) -> None:
    """RC606 agrees with the user: nothing is left open by it."""
    struck = struck_by("seen-elsewhere")
    asked = await why("--expect-logged-in", faults=("seen-elsewhere",), contracts=PUBLISHED, whom=struck)
    assert asked.exit == 1
    assert "is active elsewhere" in asked.out


async def test_what_is_unknown_stays_unknown(why: Why) -> None:
    """An unconfirmed response contradicts nothing."""
    asked = await why("--expect-logged-in", faults=("poison-id",), whom=struck_by("poison-id"))
    assert asked.exit == 3
    assert "RC902" not in asked.out
