"""The page of the simulation, and its picture. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cxone_rollcall.fleet.lease import LENGTH, MOST_STARTING
from quality.bench.chart import Line, Panel, draw
from quality.fleet import costs
from quality.fleet.plan import WEEK, Fleet, most_tenants, resources, sums
from quality.fleet.scenario import ROLLED, Fault, Outcome

SMALL, MIDDLE, LARGE = Fleet(100, workers=5), Fleet(1_000, workers=10), Fleet()
FLEETS = (SMALL, MIDDLE, LARGE)
RUNS = ((100, 5), (1_000, 5), (1_000, 10), (10_000, 40), (10_000, 44))
"""Tenants and workers that are simulated."""
MEASURED = {"tenants": 500, "workers": 3, "interval": 2.0, "agents": 12}
"""The fleet that was measured with real processes. Its longest gap after a worker's death was 5.1 s."""
MEASURED_GAP = 5.1
PICTURE = "fleet-scale.svg"
_MEGA, _TERA = 1e6, 1e12


def needs() -> Iterator[str]:
    """The table of sums."""
    found = [sums(one) for one in FLEETS]
    yield "| in a second | " + " | ".join(f"{one.tenants:,} tenants, {one.workers} workers" for one in FLEETS) + " |"
    yield "| --- |" + " --- |" * len(FLEETS)
    rows = {
        "polls, and renewals of tickets": [f"{one.polls:,.0f}" for one in found],
        "changes": [f"{one.changes:,.0f}" for one in found],
        "changes in a record": [f"{one.changes_a_record:,.0f}" for one in found],
        "size of a record": [f"{one.record / 1e3:.1f} kB" for one in found],
        "stored by each node, with snapshots": [f"{one.bytes / _MEGA:.2f} MB" for one in found],
        "sent by the history's leader: two replicas, one reader": [
            f"{one.sent_by_leader / _MEGA:.2f} MB" for one in found
        ],
        "stored by each node in a day": [f"{one.bytes_a_day / _TERA:.3f} TB" for one in found],
        f"kept by each node: {WEEK} days": [f"{one.bytes_kept / _TERA:.2f} TB" for one in found],
        "CPU of the three nodes": [f"{one.engine_cpu:.2f} cores" for one in found],
        "requests to CXone, with deltas": [f"{one.requests_deltas:,.0f}" for one in found],
        "requests to CXone, whole looks alone": [f"{one.requests_whole:,.0f}" for one in found],
        "answers of CXone, whole looks alone": [f"{one.bytes_whole / _MEGA:,.0f} MB" for one in found],
        "CPU of a worker, with deltas": [f"{one.worker_deltas:.2f} cores" for one in found],
        "CPU of a worker, whole looks alone": [f"{one.worker_whole:.2f} cores" for one in found],
        "seconds of CPU until a worker has seen all its tenants": [f"{one.cold_start:.0f} s" for one in found],
    }
    for name, cells in rows.items():
        yield f"| {name} | " + " | ".join(cells) + " |"


def bends() -> Iterator[str]:
    """The table of resources of the largest fleet."""
    yield "| resource | needed | there is | share | exhausted at |\n| --- | --- | --- | --- | --- |"
    for one in resources(LARGE):
        yield (
            f"| {one.name} | {_figure(one.needed)} {one.unit} | {_figure(one.has)} | {one.share:.0%} |"
            f" {most_tenants(LARGE, one):,} tenants |"
        )


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}"


HEAD = (
    "| tenants | workers | fault | tickets of a worker | longest gap | not polled after it | polled by two at once |"
    " renewals/s | records/s | leader busy | records that waited | seen twice after |"
)


def row(one: Outcome) -> str:
    """An outcome as a row."""
    held = f"{one.fewest}" if one.fewest == one.most else f"{one.fewest} to {one.most}"
    return (
        f"| {one.tenants:,} | {one.workers} | {one.fault} | {held} | {one.gap:.1f} intervals | {one.unpolled} |"
        f" {one.doubled} | {one.renewals:,.0f} | {one.records:,.0f} | {one.history:.0%} | {one.buffered:,} |"
        f" {one.cold:.0f} s |"
    )


def picture() -> str:
    """The share that is used of each resource, by tenants."""
    fleets = [LARGE._replace(tenants=one, workers=max(2, -(-one // 227))) for one in (100, 1_000, 10_000, 30_000)]
    names = {
        "CPU of a worker, whole looks alone": ("whole looks", "a"),
        "records of the history's leader": ("history", "b"),
        "renewals of the tickets' leader, on one core": ("renewals", "c"),
        "CPU of the engine": ("engine CPU", "d"),
        "CPU of a worker, with deltas": ("deltas", "e"),
    }
    lines = []
    for name, (label, style) in names.items():
        points = [(one.tenants, 100 * found.share) for one in fleets for found in resources(one) if found.name == name]
        lines.append(Line(label, style, points))
    panel = Panel(
        "5,000 agents each, every 5 s",
        "tenants",
        "used, % of what there is",
        lines,
        _percent,
    )
    return draw("Where a fleet bends", [panel])


def _percent(value: float) -> str:
    return f"{float(f'{value:.3g}'):,g} %"


def page(outcomes: Sequence[Outcome], measured: Outcome) -> str:
    """The whole page."""
    need = sums(LARGE)
    tight = next(one for one in outcomes if (one.workers, one.fault) == (40, Fault.WORKER))
    rolled = next(one for one in outcomes if (one.workers, one.fault) == (40, Fault.ROLLING))
    look = LARGE.agents * costs.WHOLE_AGENT
    simulated = measured.gap * float(MEASURED["interval"])
    table = "\n".join([HEAD, "|" + " --- |" * (HEAD.count("|") - 1), *map(row, outcomes)])
    return f"""# How far a fleet grows

The sums and the simulation of [a fleet](fleet.md) of up to {LARGE.tenants:,} tenants with {LARGE.agents:,} agents each.
`python -m quality.fleet --write` computes this page, and tests compute it again. **Nobody ran {LARGE.tenants:,} real
tenants.** What was measured with real processes is how much one poll, one renewal and one record cost.

Assumed: a poll every {LARGE.interval:g} s, {LARGE.logged_in:.0%} of the agents logged in, a change a minute of each of
them, three nodes of {LARGE.node_cores} cores, workers of at most {LARGE.capacity} tenants.

## What it needs

{chr(10).join(needs())}

Whole looks alone are what a tenant of `v2` needs, and one whose API ignores `updatedSince`:
{need.requests_whole:,.0f} requests a second for all, and {need.worker_whole:.1f} cores for a worker that has one.
**Poll such tenants less often**, or give a worker fewer of them.

A poll costs the nodes {costs.ENGINE_POLL * 1e3:g} ms, as measured with 60 tenants. With 200 it was 1.3 ms, so a large
engine may need half of this.

The first plan said 1 kB a record and 0.2 TB a day. The real encoder makes {need.record / 1e3:.1f} kB of a record with
{need.changes_a_record:.0f} changes.

## Where it bends

![The share that is used of each resource]({PICTURE})

{chr(10).join(bends())}

- **Places.** 40 workers of 250 tenants are full. If one dies, {tight.unpolled} tenants have no place until it is back.
  Have at least one worker more than all tenants need; a tenth more is a good measure.
- **One core.** A worker is one process on one core. A tenant that is taken begins with a whole look, which costs
  {look * 1e3:.0f} ms of CPU for {LARGE.agents:,} agents. {LARGE.capacity} tenants need {LARGE.capacity * look:.0f} s
  for the first round. So restart workers one by one: a worker that ends waits for that long.
- **Disk.** {WEEK} days of history are {need.bytes_kept / _TERA:.1f} TB for each node. Zones have streams of their own:
  before this or the leader's records become the limit, split the tenants into zones with engines of their own.

## What faults do

Virtual time, seed 1. A lease has {LENGTH} intervals. "Seen twice" is counted from the cold start of all workers at
once. A rolling restart is that of {ROLLED} workers: a new one starts, and an old one ends. An election takes
{costs.ELECTION:g} s.

{table}

- **A dead worker** costs one lease and a round trip. Measured with real processes, {MEASURED["tenants"]} tenants on
  {MEASURED["workers"]} workers every {MEASURED["interval"]:g} s: {MEASURED_GAP} s. The simulation of the same has
  {simulated:.1f} s: it knows nothing of new connections, logins and two shared cores.
- **A dead node** costs no poll: workers poll on, and what they saw waits in memory.
- **A rolling restart of full workers** keeps the rule of 1.1 intervals: {rolled.gap:.1f}. A worker asks for no ticket
  while it begins with {MOST_STARTING} tenants. Without this limit a new worker took all tenants of the old one at once,
  and their second polls waited for all first looks: 6.3 intervals, and so when a worker joined full ones.
  The limit has a price where first looks take most of an interval: with looks of 4 s every 5 s, the tenants of one
  dead worker of three waited for 3.2 intervals.

## What it is made of

The rules are the real ones: `src/cxone_rollcall/fleet/lease.py` decides in the simulation, too. The engine, the network
and the tenants are models. The costs are in `quality/fleet/costs.py`, each with its source. Not in the model: lost
messages, partitions, frozen nodes, slow disks, tenants that answer slowly or refuse. Those are
[tests with real processes](fleet.md#what-holds-and-how).
"""
