"""The page of the results, as Markdown."""

from collections.abc import Iterable, Iterator

from quality.bench import tables
from quality.bench.contenders import CONTRACTS
from quality.bench.pictures import GROWTH, WALL
from quality.bench.plan import WHY_FEWER
from quality.bench.results import Results
from quality.bench.targets import DECISIVE, MOST_UNEVEN

HEAD = """\
# Benchmark

Written by the benchmark itself (`python3 dev.py bench`, or `make bench`); do not edit.

How long a roll call takes, what it costs, and how near that is to the least that is possible. Five ways to call the
same roll run in turn, each in a process of its own, against a tenant in another process on the same machine:

- **sequential**: the script of the tutorials, one question after the other
- **threads**: the same with a session and 16 threads
- **floor**: bare asyncio, aiohttp and msgspec that fetch and decode the same, 64 requests at a time, and keep nothing:
  no account, no retry, no check of anything
- **check**: `rollcall check`, which keeps the whole account
- **states**: `rollcall states`, streamed
"""

HOW = """\
Wall and CPU (user and system) are those of the whole command, the start of the interpreter included. Figures are
medians, the range stands in brackets. The contenders take turns within each round, so that a busy minute hits them
alike; *of the floor* and *faster than* are the medians of the ratios within the rounds. Peak is the resident memory of
the process at its largest. *At once* is how many requests the server had in hand at most; without latency it answers
each before it reads the next. *Server busy* is how much of the wall the server's process was on a core: the closer to
100 %, the more the figure is about the server and not about the contender. A kB is 1,000 bytes.

The tenant is the emulated one (`emulated.py`), and with 1,000,000 agents a lighter one (`static_server.py`) that gives
the same answers from rows made beforehand: the emulator keeps 250,000 agents at most and draws the others anew
for each answer."""

LIMITS = """\
A server that takes R requests a second holds a bucket of R to begin with: in the t seconds since the first request it
lets R + R t through at most, whatever a client does. That is what is *allowed*, and what the server let through from
the first request to the last one let through is put beside it; *of the rate after 1 s* is the same from one second
after the first request on, beside R a second alone (more than 100 % is burst that was left over). Every request
counts, that for the token too. *After 1 s* is the share of 429s among the requests after that second. A target is met
where both shares are. All of it is counted by the server. The latency is 50 ms; nobody tells rollcall the rate. The two
contracts run one after the other, each against a server of its own."""

GROWN = f"""\
What comes with each further agent from one population to the next, without latency. Growth counts as linear where the
largest of these is at most {MOST_UNEVEN:g} times the smallest, for the CPU and for the memory of `check`. With
1,000,000 agents the server is another one, a faster one: compare the CPU there, not the walls."""

DELTA_POLLS = """\
Over incontact: who has changed since the last poll? Nobody has. Each poller is a process that stays, with its token
and its connection at hand; the time is from the question to its value in Python, the requests are those that the
server saw."""

SERVER_ALONE = """\
Bare aiohttp clients in one further process, 8 at a time, ask for 100-agent answers and throw them away. The last column
is what one core of this machine can give when nothing else holds the server up."""


WHY_MISSED = """\
What stands between a check and the floor, by samples of a check of 100,000 agents (py-spy, `v2`, 0 ms): answers turned
into agents and states a quarter, keeping who was asked, answered and absent a sixth, HTTP a sixth, imports a seventh,
the JSON an eighth, judging and drawing the account a sixteenth, numbering and hiding of secrets in each exchange a
thirtieth. No function of ours has more than a twentieth for itself.

- **Wall.** With 10,000 agents at 50 ms the time is CPU on two cores that the server uses too, the start (0.05 to
  0.08 s over the floor's), and round trips that the floor does not make: one on `v2`, because 16 are let under way at
  first and more with each answer, and on `incontact` two of discovery, one after the other. Tried: 24, 32 or 64 at once
  from the start took no less in 13 runs in turns, and meet a small limit with as many requests. Kept: the control
  question is asked while the last batches are under way, the checks are loaded while the token is on its way, values
  are structs (dataclasses took 0.2 s more to define), and in the end nothing is looked through for cycles (a thirtieth
  of a start). Tried: to leave without taking the interpreter apart saved no more that could be seen.
- **25 times as fast as one question after the other.** The floor is not either, with 64 at once.
- **CPU.** The floor spends 6 us for each agent, all of it on HTTP and JSON, so that 3 are left for an account in
  Python, and a dozen steps take that. One decode for each page into typed rows, ids joined and compared by the batch,
  addresses written once, less garbage collection, a JSON encoder that takes rows by the hundred, entries that lie by
  standing are kept. Tried: agents and states made column by column and
  not row by row took as many instructions (cachegrind), and was more to read.
- **Memory of `check` on incontact.** A row has the moment since when, and an agent a user id: 70 and 40 bytes that `v2`
  has not.
- **Under a limit** every target is met in this run. On a busy machine the 429s of the first throttling may come later
  than a second: until then only the machine holds back, and where it takes longer to use up a full bucket, whoever is
  under way at that moment, 64 at the most, is late. Tried: fewer under way where answers wait in a queue saved a fifth
  of these 429s, and runs without a limit took 4 to 13 % longer (simulated, with a busy client).
- **`explain`** is click and msgspec, of which every finding is made, for four fifths, and loads 60 findings to show
  one. To load the one alone would save a tenth, and a second table of findings was not worth that."""


USUAL_RUNS = 5
SHORT = """\
This page is of a short run (`--quick`), not of the whole plan: each contender ran as often as *runs* says, and large
populations, some latencies and some limits were left out."""


def _how_often(results: Results) -> str:
    """Say how often everybody ran, where that was not as the whole plan has it."""
    most = max((len(runs) for one in results.comparisons for runs in one.samples.values()), default=0)
    return WHY_FEWER if most >= USUAL_RUNS else SHORT


def page(results: Results) -> str:
    """Return the whole page."""
    chosen = results.comparison(*DECISIVE)
    return "\n".join(
        [
            HEAD,
            *_section("Targets", tables.targets(results)),
            *(
                _section(f"{DECISIVE[0]:,} agents at {DECISIVE[1]} ms", tables.decisive(chosen))
                if chosen is not None
                else ()
            ),
            *_section("Where a target is missed", [WHY_MISSED]),
            *_section("In pictures", _picture("wall against agents", WALL), _picture("time and memory", GROWTH)),
            *_section("Under a rate limit", [LIMITS], tables.limits(results.limited)),
            *_section("Cold start", tables.cold_start(results)),
            *_section("How it is measured", [HOW], [_how_often(results)]),
            *(
                line
                for contract in CONTRACTS
                for line in _section(
                    f"Every setting: {contract}",
                    tables.contenders(contract),
                    tables.side_by_side(contract, results.comparisons),
                )
            ),
            *_section("Growth", [GROWN], tables.grown(results)),
            *_section(
                "Delta polls of an idle tenant", [DELTA_POLLS], tables.pollers(), tables.polls(results.comparisons)
            ),
            *_section(
                "The server alone", [SERVER_ALONE], [tables.busiest(results)], tables.server_alone(results.capacities)
            ),
            *_section("Machine and versions", tables.table(("what", "is"), _machine(results))),
        ]
    )


def _section(title: str, *parts: Iterable[str]) -> Iterator[str]:
    yield f"## {title}\n"
    for part in parts:
        yield from part
        yield ""


def _picture(shows: str, name: str) -> Iterator[str]:
    yield f"![{shows}, on logarithmic axes; the tables below have the figures]({name})"


def _machine(results: Results) -> Iterator[tuple[str, str]]:
    yield from results.machine.items()
    yield "the run took", f"{results.seconds / 60:.0f} minutes"
