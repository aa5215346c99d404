"""An agent's names, and what the roster says of its last login."""

from __future__ import annotations

import pytest

from cxone_rollcall.model.agent import Agent, agents_called, full_name, name_words

ANN = Agent("1001", name="Ann Lee", user_name="alee", email="Ann@example.com", user_id="11ed-a")
OTHER = Agent("1002", name="Ann Lee", user_name="1001", email="Ben@example.com")


@pytest.mark.parametrize(("text", "has"), [(None, None), ("", False), ("2026-11-28T08:00:00Z", True), (" ", True)])
def test_agents_that_have_logged_in(text: str | None, has: bool | None) -> None:
    """An empty last login means never; a missing one means unknown."""
    assert Agent("1", last_login=text).has_logged_in is has


@pytest.mark.parametrize(
    ("text", "called", "only"),
    [
        ("1001", True, True),
        (" ALEE ", True, True),
        ("ann@EXAMPLE.com", True, True),
        ("11ED-A", True, True),
        ("ann lee", True, False),
        ("Ann", False, False),
        ("", False, False),
    ],
)
def test_the_names_of_an_agent(text: str, called: bool, only: bool) -> None:
    """An agent has five names. Each but the name itself is its own alone."""
    assert (ANN.is_called(text), ANN.is_only(text)) == (called, only)
    assert ANN.known_as == ("1001", "alee", "Ann@example.com", "Ann Lee", "11ed-a")
    assert Agent("Jose\u0301").is_called("Jos\u00e9")


def test_agents_are_found_by_their_best_name() -> None:
    """A text finds the agents whose best kind of name it is. The id counts before a user name."""
    wanted = ("1001", "ANN LEE", "ben@example.com", "nobody")
    found = agents_called(wanted, [OTHER, ANN, ANN])
    assert found == {"1001": (ANN,), "ann lee": (OTHER, ANN), "ben@example.com": (OTHER,)}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Lee, Ann", ("lee", "ann")),
        ("ann.lee@example.com", ("ann", "lee")),
        ("@home", ("home",)),
        ("Jos\u00e9  O'Neill-2", ("jose", "o", "neill", "2")),
        ("", ()),
    ],
)
def test_the_words_of_a_name(text: str, words: tuple[str, ...]) -> None:
    """The words of a name have no accents, case or marks. An e-mail's host is no part of it."""
    assert name_words(text) == words


@pytest.mark.parametrize(
    ("first", "last", "full"),
    [("Ann", "Lee", "Ann Lee"), ("Ann", None, "Ann"), ("", "Lee", "Lee"), ("", "", None), (None, None, None)],
)
def test_a_full_name(first: str | None, last: str | None, full: str | None) -> None:
    """A full name is first and last name, or whichever is known."""
    assert full_name(first, last) == full
