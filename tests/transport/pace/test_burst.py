"""What a pause saved up is used at once, nine tenths of it, and no more once a 429 came of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxone_rollcall.transport.pace.burst import Credit


def spend(credit: Credit, rate: float, seconds: float, begin: float = 0.0) -> list[float]:
    """Return when requests leave that leave at this rate, or faster where there is credit."""
    now, left = begin, []
    while now < begin + seconds:
        left.append(now)
        now += 1 / (rate * credit.spend(now))
    return left


@given(st.floats(1, 10), st.integers(5, 500), st.integers(1, 500))
def test_so_many_more(pause: float, requests: int, rate: int) -> None:
    """Nine tenths of what was saved up leave beyond the rate, and then it is the rate again."""
    credit, seconds = Credit(), requests / rate + 1
    credit.save(pause, requests)
    assert not credit.borne
    assert len(spend(credit, rate, seconds)) == pytest.approx(0.9 * requests + rate * seconds, abs=3)
    assert credit.borne
    assert credit.spend(seconds) == 1.0


@pytest.mark.parametrize(("pause", "requests"), [(0.5, 100), (1.0, 3), (0.0, 0)])
def test_too_little(pause: float, requests: float) -> None:
    """Where the pause was short, or saved up hardly anything, nothing is made up for and nothing is blamed on it."""
    credit = Credit()
    credit.save(pause, requests)
    assert credit.spend(0.0) == 1.0
    assert not credit.borne
    assert not credit.refused(0.0)


@pytest.mark.parametrize("spent", [0.5, 1.2])
def test_withdrawn(spent: float) -> None:
    """A 429 while it is used, or soon after, came of it: there is never any again."""
    credit = Credit()
    credit.save(1.0, 10)
    last = spend(credit, 10, spent)[-1]
    assert credit.refused(last)
    assert not credit.borne
    assert not credit.refused(last)
    credit.save(1.0, 10)
    assert credit.spend(10.0) == 1.0


def test_later_429s() -> None:
    """A 429 that comes a second after the last of it has another reason: it goes on after the next pause."""
    credit = Credit()
    credit.save(1.0, 10)
    last = spend(credit, 10, 1.0)[-1]
    assert credit.borne
    assert not credit.refused(last + 1)
    credit.save(1.0, 10)
    assert credit.spend(last + 3) == 2.0
