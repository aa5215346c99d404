"""The page of the benchmark, as Markdown."""

from collections.abc import Iterator

from quality.bench import tables
from quality.bench.contenders import CONTRACTS
from quality.bench.pictures import GROWTH, WALL
from quality.bench.plan import LARGEST, WHY_FEWER
from quality.bench.results import Results
from quality.bench.targets import DECISIVE, MOST_UNEVEN
from quality.common.markdown import section, table

HEAD = """\
# Benchmark

Written by `python3 dev.py bench`; do not edit.

How long does a check take, what does it cost, and how close is that to the possible minimum? Five programs read the
same agents and states in turn. Each runs in its own process, and the tenant in another one on the same machine:

- **sequential**: the script of the tutorials, one request at a time
- **threads**: the same with a session and 16 threads
- **floor**: bare asyncio, aiohttp and msgspec, 64 requests at a time; it fetches and decodes the same, and keeps
  nothing: no account, no retries, no checks
- **check**: `rollcall check`, with the whole account
- **states**: `rollcall states`, streamed
"""

HOW = """\
- **Wall** and **CPU** (user and system) include the start of the interpreter.
- Figures are medians; ranges are in brackets.
- The contenders take turns in each round, so that a busy minute affects all of them. *Of the floor* and *faster than*
  are medians of the ratios within the rounds.
- **Peak** is the largest resident memory of the process. A kB is 1,000 bytes.
- **At once** is the most requests that the server had open. Without latency it responds to each before it reads the
  next.
- **Server busy** is the CPU time of the server divided by the wall time. Near 100 %, the figure is about the server and
  not about the contender.

The tenant is the emulated one (`quality/bench/emulated.py`). For 1,000,000 agents it is a faster one that serves the
same responses from prepared rows (`quality/bench/static_server.py`), because the emulator keeps at most 250,000
agents."""

LIMITS = """\
The server allows R requests per second and has a bucket of R at first. So in the t seconds since the first request it
lets through at most R + R t requests: the *allowed* ones. *Of the allowed* is what it did let through until the last
request. *Of the rate after 1 s* starts one second after the first request and compares with R per second alone; more
than 100 % is an unused burst. *After 1 s* is the share of 429s after that second. A target is met if both shares are.

All requests count, the token request too, and the server counts them. The latency is 50 ms. Rollcall does not know the
rate. The contracts run one after the other, each with its own server."""

GROWN = f"""\
The growth per further agent between neighbouring populations, without latency. Growth is linear if the largest value is
at most {MOST_UNEVEN:g} times the smallest, for CPU and memory of `check`. For 1,000,000 agents the server is a faster
one: compare the CPU there, not the wall time."""

DELTA_POLLS = """\
On `incontact`: which agents changed since the last poll? None did. Each poller is a process that keeps its token and
connection. The time is from the request to the value in Python; the server counts the requests."""

LIVE = """\
One process keeps a board of everybody and looks again and again, as `watch` and `serve` do. The roster is read once. A
look is measured from its first request to the last event, in a process that has looked before."""

READERS = """\
`rollcall serve` polls an emulated tenant each second, and another process on the same machine reads its events over
many connections. The delay of a poll is counted from the first reader who had it; the readers use a core, too."""

HISTORY = """\
A day of changes is written with the recorder's own verbs, each poll durable before the next. Seconds of reports are
whole processes, less the start of the interpreter with `rollcall --version`. The export has one Parquet file a day."""

SERVER_ALONE = """\
Bare aiohttp clients in another process, 8 at a time, request 100-agent responses and discard them. The last column
shows what one core of this machine can serve."""


WHY_MISSED = """\
Where does the time of a check of 100,000 agents go (py-spy, `v2`, 0 ms)? Turning responses into agents and states a
quarter; tracking requested, answered and absent agents a sixth; HTTP a sixth; imports a seventh; JSON output an eighth;
diagnosis a sixteenth; recording and redaction a thirtieth. None of our functions takes more than a twentieth.

- **Wall time.** With 10,000 agents at 50 ms most of it is CPU, on two cores that the server uses too. The start takes
  0.05 to 0.08 s more than the floor's. Some round trips are extra: one on `v2`, because rollcall starts with 16
  requests at once, and two for discovery on `incontact`. Starting with 24, 32 or 64 at once was not faster in 13 runs,
  and hits a low rate limit harder. The second look at absent agents waits for the first.
- **25 times as fast as one request at a time.** The floor does not reach that either.
- **CPU.** The floor uses 4 us per agent, all for HTTP and JSON. So 2 us remain for the account in Python. Building
  agents and states by column instead of by row took as many instructions and was harder to read. The same holds for a
  whole look of the live poller.
- **Requests on `v2`.** The second look asks some absent agents again over a connection of its own, with two requests,
  because a lagging copy of the data made agents absent that were logged in.
- **CPU per further agent** grows on `v2` from small populations to large ones, where more objects are alive at each
  garbage collection.
- **Rate limits.** On a busy machine the first 429s may come later than a second, because only the machine limits the
  rate until then, and up to 64 requests are open. Fewer open requests saved a fifth of these 429s, but runs without a
  limit took 4 to 13 % longer. A pause by Retry-After lasts whole seconds: one pause in a run of ten seconds costs some
  percent.
- **A day's time in state.** Two thirds are the database's sum, which sorts a million rows by agent. A file that keeps
  each agent's rows together would need no sort, but each poll would touch a hundred times as many pages.
- **Live looks** cost what `check` does without its start. A whole look builds an account, so that a state is never
  called absent without a witness.
- **`explain`.** Four fifths are the imports of click and msgspec. It loads 60 findings to show one; loading one alone
  would save a tenth."""


SHORT = """\
This page is from a short run (`--quick`): each contender ran as often as *runs* says, and large populations, some
latencies and some rate limits are missing."""


def _how_often(results: Results) -> str:
    """Return the paragraph about the number of runs."""
    return WHY_FEWER if results.comparison(LARGEST, 0) else SHORT


def page(results: Results) -> str:
    """Return the whole page."""
    chosen = results.comparison(*DECISIVE)
    return "\n".join(
        [
            HEAD,
            *section("Targets", tables.targets(results)),
            *(
                section(f"{DECISIVE[0]:,} agents at {DECISIVE[1]} ms", tables.decisive(chosen))
                if chosen is not None
                else ()
            ),
            *section("Why some targets are missed", [WHY_MISSED]),
            *section("In pictures", _picture("wall against agents", WALL), _picture("time and memory", GROWTH)),
            *section("Under a rate limit", [LIMITS], tables.limits(results.limited)),
            *section("Cold start", tables.cold_start(results)),
            *section("Method", [HOW], [_how_often(results)]),
            *(
                line
                for contract in CONTRACTS
                for line in section(
                    f"Every setting: {contract}",
                    tables.contenders(contract),
                    tables.side_by_side(contract, results.comparisons),
                )
            ),
            *section("Growth", [GROWN], tables.grown(results)),
            *section(
                "Delta polls of an idle tenant", [DELTA_POLLS], tables.pollers(), tables.polls(results.comparisons)
            ),
            *section("The live poller", [LIVE], tables.live_kinds(), tables.live(results)),
            *section("Readers of the board", [READERS], tables.measures(results.readers)),
            *section("History", [HISTORY], tables.measures(results.history)),
            *section(
                "The server alone", [SERVER_ALONE], [tables.busiest(results)], tables.server_alone(results.capacities)
            ),
            *section("Machine and versions", table(("what", "value"), _machine(results))),
        ]
    )


def _picture(shows: str, name: str) -> Iterator[str]:
    yield f"![{shows}, on logarithmic axes; the tables below have the figures]({name})"


def _machine(results: Results) -> Iterator[tuple[str, str]]:
    yield from results.machine.items()
    yield "duration", f"{results.seconds / 60:.0f} minutes"
