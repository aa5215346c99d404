"""How many requests may be in flight, as pure values."""

from __future__ import annotations

from cxone_rollcall.transport.pace.concurrency import FIRST, Window


def play(window: Window, now: float, answers: int, *, latency: float, per_second: float) -> float:
    """Answer at even distances; return the time of the last answer."""
    for _ in range(answers):
        now += 1 / per_second
        window.answered(now, latency)
    return now


def test_concurrency_grows_to_its_ceiling() -> None:
    """Each good answer allows one more request, up to the ceiling."""
    window = Window(ceiling=20, began=0.0)
    assert window.allowed == FIRST == 16
    window.answered(0.1, 0.1)
    assert window.allowed == 17
    play(window, 0.1, 9, latency=0.1, per_second=100)
    assert window.allowed == 20
    assert Window(ceiling=3, began=0.0).allowed == 3


def test_a_429_halves_concurrency() -> None:
    """A 429 halves what is allowed, down to one. With few requests in flight it sets no new maximum."""
    window = Window(ceiling=64, began=0.0)
    window.refused(1.0, 2, until=5.0)
    assert window.allowed == 8
    for _ in range(5):
        window.halve()
    assert window.allowed == 1
    play(window, 1.0, 63, latency=0.1, per_second=1000)
    assert window.allowed == 64


def test_all_in_flight_is_too_many() -> None:
    """A 429 with all requests in flight lowers the maximum. After its time it grows one by one."""
    window = Window(ceiling=64, began=0.0)
    window.refused(0.0, 16, until=10.0)
    now = play(window, 0.0, 40, latency=0.1, per_second=10)
    assert (now < 10, window.allowed) == (True, 15)
    window.answered(10.0, 0.1)
    assert window.allowed == 15
    window.answered(10.1, 0.1)
    assert window.allowed == 16
    window.answered(10.2, 0.1)
    window.answered(10.3, 0.1)
    assert window.allowed == 17


def test_a_new_beginning_forgets_what_was_measured() -> None:
    """After a new beginning, answers from before it count no more."""
    fresh, again = Window(ceiling=64, began=0.1), Window(ceiling=64, began=0.0)
    play(again, 0.0, 10, latency=5.0, per_second=100)
    again.begin_again(0.1)
    for window in (fresh, again):
        now = play(window, 0.1, FIRST, latency=0.1, per_second=100)
        play(window, now, 60, latency=1.0, per_second=50)
    assert fresh.allowed == again.allowed < 64


def test_a_single_request_stays_allowed() -> None:
    """A 429 of the only request in flight leaves one allowed."""
    window = Window(ceiling=1, began=0.0)
    window.refused(0.0, 1, until=100.0)
    play(window, 0.0, 5, latency=0.1, per_second=10)
    assert window.allowed == 1


def crowded() -> tuple[Window, float]:
    """A window that went back. More requests in flight only doubled the latency."""
    window = Window(ceiling=64, began=0.0)
    now = play(window, 0.0, 16, latency=0.1, per_second=100)
    assert window.allowed == 32
    return window, play(window, now, 32, latency=0.2, per_second=100)


def test_a_queue_at_the_server_ends_growth() -> None:
    """If more requests only wait longer, the window goes back. It stays while they wait."""
    window, now = crowded()
    assert window.allowed == 16
    now = play(window, now, 64, latency=0.2, per_second=100)
    assert window.allowed == 16
    play(window, now, 40, latency=0.05, per_second=100)
    assert window.allowed > 16


def test_a_higher_throughput_is_worth_a_latency() -> None:
    """Concurrency grows on if more requests bring more answers. Also if they wait little longer."""
    for latency, per_second in ((0.2, 120), (0.14, 100)):
        window = Window(ceiling=64, began=0.0)
        now = play(window, 0.0, 16, latency=0.1, per_second=100)
        play(window, now, 32, latency=latency, per_second=per_second)
        assert window.allowed == 64, latency


def test_a_429_ends_a_crowd() -> None:
    """After a 429 or a new beginning no earlier crowd counts."""
    window, now = crowded()
    window.refused(now, 1, until=now)
    assert window.allowed == 8
    play(window, now, 4, latency=0.2, per_second=100)
    assert window.allowed == 12
    window, now = crowded()
    window.begin_again(now)
    play(window, now, 4, latency=0.2, per_second=100)
    assert window.allowed == 20


def test_a_new_beginning() -> None:
    """A new beginning allows as many as at first. It forgets the maximum."""
    window = Window(ceiling=64, began=0.0)
    window.refused(0.0, 16, until=1e9)
    window.begin_again(1.0)
    assert window.allowed == FIRST
    play(window, 1.0, 48, latency=0.1, per_second=1000)
    assert window.allowed == 64
    small = Window(ceiling=3, began=0.0)
    small.begin_again(1.0)
    assert small.allowed == 3
