"""What things cost, measured on this project's machine. Times in seconds, sizes in bytes."""

from __future__ import annotations

ENGINE_POLL = 2.6e-3
"""CPU of three nodes for a poll, its record and its renewal.

Measured with 60 tenants every 2 s. It falls with their number, as more is written at once: 3.8 ms with 20 tenants, 1.3
with 200, and 1.4 to 1.9 with 500 on an idle machine. The sums take the dearest of a fleet that is worth one.
"""
ENGINE_RENEWAL = 0.21e-3
"""CPU of three nodes for a renewal. Measured with 10,000 tickets at 2,000 renewals a second."""
WRITES = 6_000.0
"""Records that the leader of a stream takes in a second. Measured: 6,000 to 11,000."""
RECORD, CHANGE = 435.0, 48.0
"""Size of a record without changes, and of a change in it. A test measures both with the real encoder."""
SNAPSHOT_SEAT = 22.0
"""Size of a seat in a snapshot, measured in the same way."""
WHOLE_AGENT = 25.5e-6
"""CPU of a worker for an agent in a whole look. Source: docs/benchmark.md, incontact, 10,000 agents."""
DELTA = 1.9e-3
"""CPU of a worker for a delta without changes. Source: docs/benchmark.md, 10,000 agents."""
DELTA_CHANGE = 20e-6
"""CPU of a worker for a change: compared, encoded, compressed, sent. An estimate from the history's 10 us."""
AGENTS_A_REQUEST = 100
"""Agents in a request of a whole look. Source: docs/benchmark.md, 100 requests for 10,000 agents."""
WHOLE_BYTES_AGENT = 200.0
"""Size of an agent's state in an answer, before compression. An estimate from the published schema."""

HOP = 0.5e-3
"""One way between a worker and the engine in one data centre. Assumed."""
ELECTION = 9.0
"""The longest time until a stream has a new leader, as measured."""
