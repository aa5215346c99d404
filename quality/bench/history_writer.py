"""Writes a history file of busy days.

    python -m quality.bench.history_writer FILE AGENTS CHANGES DAYS PER_POLL

Each day has CHANGES changes, stored in polls of about PER_POLL changes. Prints what it took as JSON.
"""

import json
import sys
import time
from pathlib import Path
from random import Random

from cxone_rollcall.history.interval import Interval, Open, Person, Poll, Status
from cxone_rollcall.history.recorder import Batch
from cxone_rollcall.history.store import Store, writing
from cxone_rollcall.live.seat import Certainty, Since
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.timestamp import format_timestamp

DAY = 86_400_000
BEGIN = 1_793_491_200_000
"""The first midnight, in milliseconds."""
FIRST_ID = 30_000_000_001
STATUSES = (
    Status(Standing.PRESENT, "Available", None, "available"),
    Status(Standing.PRESENT, "InboundContact", None, "on-contact"),
    Status(Standing.PRESENT, "Unavailable", "After-call work", "after-contact"),
    Status(Standing.PRESENT, "Unavailable", "Lunch", "unavailable"),
    Status(Standing.PRESENT, "Unavailable", "Training", "unavailable"),
    Status(Standing.LOGGED_OUT, "LoggedOut"),
)


def write(path: Path, agents: int, changes: int, days: int, per_poll: int) -> dict[str, float]:
    """Write the file. Returns the seconds of the writing alone, the changes, and the size in bytes."""
    rng, seconds, written = Random(1), 0.0, 0  # noqa: S311  reproducible, and no secret
    with writing(path, tenant="bench") as store:
        batch = Batch(Poll("bench", 1, BEGIN, BEGIN, ok=True, complete=True))
        for number in range(agents):
            agent_id = str(FIRST_ID + number)
            name, user = f"Agent {number}", f"agent.{number}@example.com"
            agent = Agent(agent_id, name, user, user, f"Team {number % 40}", active=True, user_id=agent_id)
            batch.people.append(Person(BEGIN, agent))
            batch.opened[agent_id] = Open(BEGIN, STATUSES[-1])
        opened = dict(batch.opened)
        seconds += _timed(store, batch)
        polls = days * changes // per_poll
        for number in range(1, polls + 1):
            at = BEGIN + days * DAY * number // polls
            batch = _poll(rng, opened, number + 1, at, per_poll, most_before=days * DAY // polls)
            seconds += _timed(store, batch)
            written += len(batch.closed)
    return {"seconds": seconds, "changes": written, "bytes": path.stat().st_size}


def _poll(rng: Random, opened: dict[str, Open | None], number: int, at: int, changes: int, most_before: int) -> Batch:
    batch = Batch(Poll("bench", number, at, at, ok=True, complete=True))
    for agent_id in rng.sample(list(opened), min(changes, len(opened))):
        now, begin = opened[agent_id], at - rng.randrange(most_before)
        if now is None or begin <= now.begin:
            continue
        status = STATUSES[(STATUSES.index(now.status) + rng.randrange(1, len(STATUSES))) % len(STATUSES)]
        batch.closed.append((agent_id, Interval(now.begin, begin, now.status, now.slack)))
        since = Since(begin / 1000, Certainty.EXACT, begin / 1000)
        opened[agent_id] = batch.opened[agent_id] = Open(begin, status, 0, since, format_timestamp(begin / 1000))
    return batch


def _timed(store: Store, batch: Batch) -> float:
    began = time.perf_counter()
    store.write(batch)
    return time.perf_counter() - began


if __name__ == "__main__":
    print(json.dumps(write(Path(sys.argv[1]), *map(int, sys.argv[2:]))))
