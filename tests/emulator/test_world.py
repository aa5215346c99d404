"""The emulated agents are plausible, and depend on seed and moment."""

import uuid
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cxone_rollcall.emulator.names import NAMES
from cxone_rollcall.emulator.settings import MOMENT
from cxone_rollcall.emulator.world import STATES, World

NOON = int(MOMENT.timestamp())
MOMENTS = st.integers(1_700_000_000, 1_900_000_000)


def test_seed_decides() -> None:
    """The seed decides who the agents are and what they do."""
    one, same, other = World(120, 7), World(120, 7), World(120, 8)
    assert [one.person(i) for i in range(120)] == [same.person(i) for i in range(120)]
    assert [one.stance(i, NOON) for i in range(120)] == [same.stance(i, NOON) for i in range(120)]
    assert [one.person(i) for i in range(120)] != [other.person(i) for i in range(120)]
    assert [one.stance(i, NOON).state for i in range(120)] != [other.stance(i, NOON).state for i in range(120)]


def test_size_does_not_change_people() -> None:
    """An agent is the same in a small and a large world."""
    assert World(10, 3).person(9) == World(1_000_000, 3).person(9)


def test_share_logged_in() -> None:
    """On a Monday morning about two thirds are logged in.

    They are in every state; on a Sunday night far fewer are. On a Sunday night far fewer.
    """
    for seed in range(5):
        world = World(2000, seed)
        monday = Counter(world.stance(i, NOON).state for i in range(2000))
        sunday = Counter(world.stance(i, NOON - 86_400 - 10 * 3600).state for i in range(2000))
        assert 0.6 < 1 - monday[None] / 2000 < 0.75
        assert set(monday) == {None, *STATES}
        assert sunday[None] > 1800


@given(st.integers(0, 5000), MOMENTS)
def test_a_stance_lasts_until_its_end(index: int, moment: int) -> None:
    """A stance lasts until its `until`, after the requested moment."""
    world = World(5001, 1)
    stance = world.stance(index, moment)
    assert moment < stance.until
    assert world.stance(index, stance.until - 1)[:2] == stance[:2]
    assert world.stance(index, (moment + stance.until) // 2)[:2] == stance[:2]


@given(st.integers(0, 5000), MOMENTS)
def test_stance_is_whole(index: int, moment: int) -> None:
    """Logged-in agents are active and have logged in before. Available has no sub-state; Break and Not Ready have."""
    world = World(5001, 1)
    person, stance = world.person(index), world.stance(index, moment)
    if stance.state is None:
        assert stance.sub_state is None
    else:
        assert person.active
        assert stance.last_login is not None
        assert moment - 10 * 3600 < stance.last_login <= moment
        assert (stance.sub_state is None) <= (stance.state in {"Available", "Busy"})
        assert stance.sub_state is None or stance.sub_state.startswith(f"{stance.state} - ")


def test_states_change() -> None:
    """Within an hour most logged-in agents change their state."""
    world = World(200, 1)
    before = [world.stance(i, NOON)[:2] for i in range(200)]
    after = [world.stance(i, NOON + 3600)[:2] for i in range(200)]
    assert sum(a != b for a, b in zip(before, after, strict=True)) > 60


def test_inactive_and_newcomers() -> None:
    """Inactive agents and those who never logged in have no state."""
    world = World(120, 1)
    people = [world.person(i) for i in range(120)]
    assert 2 <= sum(not person.active for person in people) <= 10
    assert 1 <= sum(person.newcomer for person in people) <= 10
    for index, person in enumerate(people):
        stance = world.stance(index, NOON)
        assert (stance.last_login is None) == person.newcomer
        assert (person.active and not person.newcomer) or stance.state is None


def test_logins_are_plain_and_unique() -> None:
    """Logins are plain, unique ASCII, in a world of any size."""
    logins = [World(3000, 1).person(i).user_name for i in range(3000)]
    assert len(set(logins)) == 3000
    assert all(login.isascii() and login == login.lower() and " " not in login for login in logins)


def test_names_are_international() -> None:
    """Names have apostrophes, accents and other scripts, and never a comma."""
    written = "".join(name.first + name.last for name in NAMES)
    assert {"'", "é", "Ł", "陽", "김"} <= set(written)
    assert "," not in written


def test_an_id_leads_to_its_agent() -> None:
    """An id leads to its agent, only in the server's spelling."""
    world = World(5, 1)
    assert [world.agent_id(i) for i in range(2)] == ["30000000001", "30000000002"]
    assert world.index("30000000005") == 4
    for other in ("30000000006", "30000000000", "030000000001", "3e10", "", "-1", " 30000000001", "３0000000001"):
        assert world.index(other) is None


@given(st.integers(0, 60), st.integers(0, 2**32))
def test_find_goes_through_all(agents: int, salt: int) -> None:
    """Looking for agents comes by each of them once."""
    assert sorted(World(agents, 1).find(salt, lambda index: True)) == list(range(agents))


def test_moment_is_a_monday() -> None:
    """The default moment is a Monday morning."""
    assert MOMENT.weekday() == 0
    assert datetime.fromtimestamp(NOON, UTC) == MOMENT


@given(st.integers(0, 5000), MOMENTS)
def test_a_stance_holds_from_its_start(index: int, moment: int) -> None:
    """A stance holds from its `since` on, and not before. Without one the agent never logged in."""
    world = World(5001, 1)
    stance, person = world.stance(index, moment), world.person(index)
    if stance.since is None:
        assert person.newcomer or stance.last_login is None
        return
    assert stance.since <= moment
    if not person.active:  # when they still worked is in no world
        return
    assert world.stance(index, stance.since).since == stance.since
    assert world.stance(index, stance.since - 1).since != stance.since
    assert world.stance(index, stance.since)[:2] == stance[:2]


@given(st.integers(0, 200), MOMENTS, st.integers(1, 5000))
def test_stances_are_those_of_each_second(index: int, begin: int, seconds: int) -> None:
    """The stances of a time are those of its seconds, each once. A login starts their number at 1."""
    world = World(201, 1)
    each = [world.stance(index, moment) for moment in range(begin, begin + seconds)]
    changes = [each[0], *(after for before, after in pairwise(each) if after.since != before.since)]
    assert [one[:2] for one in world.stances(index, begin, begin + seconds)] == [one[:2] for one in changes]
    for before, after in pairwise(changes):
        if after.state is not None:
            assert after.number == before.number + 1
            assert before.state is None or before.until == after.since
    assert all((one.number == 0) == (one.state is None) for one in changes)
    assert all(one.number == 1 for one in changes if one.state is not None and one.since == one.last_login)


@given(st.integers(0, 10**6), st.integers(0, 2**32))
def test_user_ids(index: int, seed: int) -> None:
    """A user id is a UUID that leads back to its agent.

    Capitals make no difference; in another world it leads nowhere.
    """
    world = World(index + 1, seed)
    user_id = world.user_id(index)
    assert (uuid.UUID(user_id).version, str(uuid.UUID(user_id))) == (4, user_id)
    assert world.user_index(user_id) == world.user_index(user_id.upper()) == index
    assert World(index, seed).user_index(user_id) is None
    assert World(index + 1, seed + 1).user_index(user_id) is None
