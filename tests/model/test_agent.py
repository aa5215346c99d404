"""An agent keeps its texts in fewer pieces, and gives each of them back as it was."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cxone_rollcall.model.agent import Agent

ANY_TEXT = st.text(st.characters(codec=None))
MAYBE = st.none() | ANY_TEXT


@given(MAYBE, MAYBE, MAYBE, MAYBE, MAYBE)
@example(None, None, None, None, None)
@example("", "", "", "", "")
@example("half \ud800", "a", "a", "\0", "\x1f")
def test_texts_come_back(
    name: str | None, user_name: str | None, email: str | None, last_login: str | None, user_id: str | None
) -> None:
    """Every text is the one that was given: none is not "", and half a character stays half a one."""
    for address in (email, user_name):
        agent = Agent("1", name, user_name, address, "Team", True, last_login, user_id)
        assert (agent.name, agent.user_name, agent.email) == (name, user_name, address)
        assert (agent.last_login, agent.user_id) == (last_login, user_id)
        assert agent == Agent(**agent.fields())


def test_agents_are_values() -> None:
    """Two agents with the same fields are equal and go for one in a set; another value of one field makes another."""
    ann = Agent("1", name="Ann", email="ann@acme.example")
    assert {ann, Agent("1", name="Ann", email="ann@acme.example")} == {ann}
    assert ann != Agent("1", name="Ann")
    assert ann != Agent("2", name="Ann", email="ann@acme.example")
    assert ann != "1"


@pytest.mark.parametrize(("said", "has"), [(None, None), ("", False), ("2026-11-28T08:00:00Z", True), (" ", True)])
def test_who_has_logged_in(said: str | None, has: bool | None) -> None:
    """A last login that is there and empty says never; one that is not there says nothing."""
    assert Agent("1", last_login=said).has_logged_in is has
