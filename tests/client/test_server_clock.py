"""The server's clock is followed by the dates of answers."""

from __future__ import annotations

from email.utils import formatdate

import pytest

from cxone_rollcall.client.server_clock import ServerClock
from cxone_rollcall.model.exchange import Response

WALL, SERVED = 1_000_000.0, 5_000_000.0


class Clocks:
    """Our clocks. They show `seconds` since the start; the wall clock may be set."""

    def __init__(self) -> None:
        self.seconds, self.wall = 100.0, WALL
        self.server = ServerClock(lambda: self.wall, lambda: self.seconds)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += seconds
        self.wall += seconds


def dated(served_at: float | None, age: str | None = None) -> Response:
    """A response with this `Date` and `Age`."""
    headers = {} if served_at is None else {"date": formatdate(served_at, usegmt=True)}
    return Response(status=200, headers=headers | ({} if age is None else {"age": age}), body=b"")


def test_before_the_first_date() -> None:
    """Before a date is known, our wall clock counts."""
    clocks = Clocks()
    clocks.wait(5)
    assert (clocks.server.now(), clocks.server.ours(), clocks.server.ahead) == (WALL + 5, WALL + 5, None)
    assert clocks.server.at(102.0) == WALL + 2
    clocks.server.set_by(dated(None))
    assert (clocks.server.now(), clocks.server.ahead) == (WALL + 5, None)


def test_the_date_of_a_token_answer() -> None:
    """A token answer sets the clock. A step of our wall clock changes nothing then."""
    clocks = Clocks()
    before = clocks.server.moment()
    clocks.wait(3)
    clocks.server.set_by(dated(SERVED))
    clocks.wait(10)
    clocks.wall += 3600
    assert clocks.server.now() == SERVED + 10
    assert clocks.server.at(before) == SERVED - 3
    assert clocks.server.ours() == WALL + 3613
    assert clocks.server.ahead == SERVED - WALL - 3


@pytest.mark.parametrize(
    ("differs", "age", "follows"),
    [
        (0.0, None, False),
        (-2.0, None, False),
        (-3.0, None, True),
        (1.0, None, True),
        (60.0, "0", True),
        (60.0, " 0 ", True),
        (-60.0, "60", False),
        (60.0, "?", False),
    ],
)
def test_later_dates(differs: float, age: str | None, follows: bool) -> None:
    """A later date is followed if it differs. It may be two seconds behind, and a cached one says nothing."""
    clocks = Clocks()
    clocks.server.set_by(dated(SERVED))
    clocks.wait(10)
    clocks.server.follow(dated(SERVED + 10 + differs, age))
    assert clocks.server.now() == SERVED + 10 + (differs if follows else 0)
    clocks.server.follow(dated(None))
    assert clocks.server.now() == SERVED + 10 + (differs if follows else 0)
    assert clocks.server.ahead == SERVED - WALL
