"""Write the generated parts of the documentation. With `--check`, exit 1 if one of them differs from the code.

Only the text between `<!-- generated: NAME -->` and `<!-- end -->` is generated, by the function that `PARTS` has for
NAME; arguments may follow the name. `FILES` are generated completely. The same code gives the same bytes everywhere:
values that differ between runs (the port, times) are replaced.
"""

from __future__ import annotations

import importlib
import inspect
import io as streams
import json as jsonlib
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from itertools import groupby
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

import click
import example_history
import figures
import man_page

import cxone_rollcall
from cxone_rollcall.cli import commands as command_table
from cxone_rollcall.cli import terminal, topics
from cxone_rollcall.cli.main import cli, run
from cxone_rollcall.client import REQUEST_TIMEOUT, token_cache
from cxone_rollcall.contracts.incontact import Incontact
from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.emulator import FAULTS, Fault, list_readings
from cxone_rollcall.emulator.faults import arguments
from cxone_rollcall.findings.catalogue import FINDINGS
from cxone_rollcall.findings.finding import Finding
from cxone_rollcall.findings.page import Page, page_of
from cxone_rollcall.roll import roster
from cxone_rollcall.roll.by_id import batches, canary
from cxone_rollcall.roll.by_list import second_look, spot_check, state_list
from cxone_rollcall.transport.pace import backoff, gate
from cxone_rollcall.views import json

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
EXAMPLES = DOCS / "examples"
"""Files that the runs shown in the documentation read. The runs have this folder."""
HELP_CELLS = 88
RUN_CELLS = 94
AGENTS_SHOWN = 3
EVIDENCE = f"{'':8}{'seen':9}"
"""The beginning of a line of evidence, and its further lines' indent."""
EVERYWHERE = ("at", "times", "skip")
"""Arguments of many faults; the page explains them once."""

FAMILIES = {
    "RC1": "RC1xx connection: did we reach the API?",
    "RC2": "RC2xx credentials: does the API know us?",
    "RC3": "RC3xx permission: what may we see?",
    "RC4": "RC4xx request: did we ask the right way?",
    "RC5": "RC5xx response: can we trust it?",
    "RC6": "RC6xx agent: is the agent at work?",
    "RC7": "RC7xx freshness: is the response current?",
    "RC8": "RC8xx options: did our own filters hide agents?",
    "RC9": "RC9xx rollcall itself",
}

_PART = re.compile(r"(?P<begin><!-- generated: (?P<part>[^\n]+?) -->\n).*?(?P<end><!-- end -->)", re.DOTALL)


def commands(_: str) -> Iterator[str]:
    """Yield the help of `rollcall`, of each command and of each subcommand."""
    yield _help("rollcall", command_table.help_text())
    for name in command_table.COMMANDS:
        command = importlib.import_module(f"cxone_rollcall.cli.{name}").command
        yield from _command_help(
            command, f"rollcall {name}", click.Context(cli, info_name="rollcall", **cli.context_settings)
        )


def _command_help(command: click.Command, path: str, parent: click.Context) -> Iterator[str]:
    context = click.Context(
        command,
        parent=parent,
        info_name=path.rpartition(" ")[2],
        terminal_width=HELP_CELLS,
        max_content_width=HELP_CELLS,
        color=False,
        help_option_names=["-h", "--help"],
    )
    yield _help(path, command.get_help(context))
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from _command_help(below, f"{path} {name}", context)


def _help(path: str, text: str) -> str:
    return f"## {path}\n\n```console\n$ {path} --help\n{text.strip()}\n```\n"


def catalogue(_: str) -> Iterator[str]:
    """Yield the table of all findings."""
    yield "| code | name | what it says |\n| --- | --- | --- |"
    for finding in FINDINGS:
        yield f"| {_link(finding.code)} | {finding.name} | {_cell(page_of(finding).summary)} |"


def pages(_: str) -> Iterator[str]:
    """Yield the page of each finding, by family."""
    for family, findings in groupby(FINDINGS, key=lambda finding: finding.code[:3]):
        yield f"## {FAMILIES[family]}\n"
        yield from (_markdown(page_of(finding)) for finding in findings)


def _markdown(page: Page) -> str:
    lines = [f"### {page.code} {page.name}", "", page.summary, ""]
    for heading, body in page.sections.items():
        text = body if heading != "Try it" else "```console\n" + "\n".join(f"$ {c}" for c in page.commands) + "\n```"
        lines += [f"#### {heading}", "", text, ""]
    return "\n".join(lines)


def faults(_: str) -> Iterator[str]:
    """Yield the table of the emulator's faults."""
    yield "| fault | leads to | what the server does | arguments (default) |\n| --- | --- | --- | --- |"
    for fault in FAULTS:
        codes = " ".join(map(_link, fault.codes)) or "nothing"
        only = f" Only `{fault.contracts[0]}`." if len(fault.contracts) == 1 else ""
        yield f"| `{fault.name}` | {codes} | {_cell(fault.summary)}{only} | {_cell(_arguments(fault))} |"


def readings(_: str) -> Iterator[str]:
    """Yield the table of the emulator's readings of the published API."""
    yield "| reading | values (default) | what it decides |\n| --- | --- | --- |"
    for reading in list_readings():
        values = reading.kind.replace("|", ", ")
        yield f"| `{reading.name}` | {values} ({reading.shown}) | {_cell(reading.about)} |"


def _arguments(fault: type[Fault]) -> str:
    taken = {one.name: one for one in arguments(fault)}
    own = [
        f"{_argument(name, fault)} ({_shown(one.default)}): {one.about}"
        + (f"; one of {one.kind.replace('|', ', ')}" if "|" in one.kind else "")
        for name, one in taken.items()
        if name not in EVERYWHERE
    ]
    shared = [
        _argument(name, fault) + (f" ({taken[name].default})" if name == "at" else "")
        for name in EVERYWHERE
        if name in taken
    ]
    return "<br>".join([*own, *([", ".join(shared)] if shared else [])])


def _argument(name: str, fault: type[Fault]) -> str:
    return f"**`{name}`**" if name == fault.bare else f"`{name}`"


def _shown(default: object) -> str:
    return "none" if default in (None, "") else str(default)


def _link(code: str) -> str:
    finding = next((one for one in FINDINGS if one.code == code), None)
    return f"{code} (*not in this version*)" if finding is None else f"[{code}](findings.md#{_anchor(finding)})"


def _anchor(finding: type[Finding]) -> str:
    page = page_of(finding)
    return f"{page.code}-{page.name}".lower()


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def names(_: str) -> Iterator[str]:
    """Yield the table of public names, with each docstring's first paragraph."""
    yield "| name | what it is |\n| --- | --- |"
    for name in cxone_rollcall.__all__:
        value = getattr(cxone_rollcall, name)
        about = "the version of rollcall" if isinstance(value, str) else inspect.getdoc(value) or ""
        yield f"| `{name}` | {_cell(about.partition(chr(10) * 2)[0])} |"


def session(arguments: str, folder: Path = EXAMPLES) -> Iterator[str]:
    """Yield a run of `rollcall ARGUMENTS` on a terminal. It has 100 columns, and long lists of agents are shortened."""
    said = streams.TextIOWrapper(streams.BytesIO(), encoding="utf-8")
    cells, terminal.cells = terminal.cells, lambda: RUN_CELLS
    try:
        with chdir(folder), redirect_stdout(said), redirect_stderr(streams.StringIO()):
            code = run(shlex.split(arguments))
    finally:
        terminal.cells = cells
    said.seek(0)
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:40511", said.read())
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "2026-11-22T13:10:24.666Z", text)
    text = re.sub(r"(^ *|requests?  |, )\d+\.\d s$", r"\g<1>0.1 s", text, flags=re.MULTILINE)
    lines = "\n".join(_shortened(text.splitlines()))
    yield f"```console\n$ rollcall {arguments}\n{lines}\n$ echo $?\n{code}\n```"


def report(arguments: str) -> Iterator[str]:
    """Yield a run of `rollcall report ARGUMENTS` over an invented day, `day.db`."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        copytree(EXAMPLES, folder, dirs_exist_ok=True)
        example_history.write(folder / "day.db")
        yield from session(f"report {arguments}", folder)


def excerpt(arguments: str) -> Iterator[str]:
    """Yield a run as `session` does, without the evidence. Its numbers of requests may differ between runs."""
    (text,) = session(arguments)
    in_evidence = False
    kept = []
    for line in text.splitlines():
        in_evidence = line.startswith(EVIDENCE) or (in_evidence and line.startswith(" " * len(EVIDENCE)))
        if not in_evidence:
            kept.append(line)
    yield "\n".join(kept)


def example(name: str) -> Iterator[str]:
    """Yield a file of `docs/examples`."""
    language = "python" if name.endswith(".py") else "text"
    yield f"```{language}\n{(EXAMPLES / name).read_text(encoding='utf-8').strip()}\n```"


def deployed(name: str) -> Iterator[str]:
    """Yield a file of `deploy`."""
    language = {".conf": "nginx", ".service": "ini"}[Path(name).suffix]
    yield f"```{language}\n{(ROOT / 'deploy' / name).read_text(encoding='utf-8').strip()}\n```"


def fleet_permissions(_: str) -> Iterator[str]:
    """Yield the users of an engine, with those of the zone `eu`."""
    from cxone_rollcall.fleet.streams import permissions

    eu = {"user": "eu", "password": "change-me", "permissions": permissions("eu")}
    users = [{"user": "operator", "password": "change-me"}, eu]
    yield f"```json\n{jsonlib.dumps({'users': users}, indent=2)}\n```"


def _shortened(lines: list[str]) -> Iterator[str]:
    for agents, group in groupby(lines, key=lambda line: re.match(r" *\d{11}  ", line) is not None):
        shown = list(group)
        yield from shown[:AGENTS_SHOWN] if agents else shown
        if agents and len(shown) > AGENTS_SHOWN:
            yield "  ..."


def topic(name: str) -> Iterator[str]:
    """Yield the text of `rollcall help NAME`."""
    yield topics.markdown(name).strip()


def table(name: str) -> Iterator[str]:
    """Yield the table of `rollcall help NAME`, without the text beside it."""
    yield from (line for line in topics.markdown(name).splitlines() if line.startswith("|"))


def numbers(_: str) -> Iterator[str]:
    """Yield the table of limits: sizes, retries and waits."""
    yield "| number | what it is |\n| --- | --- |"
    yield f"| {V2.largest_page} | agents per page of the roster, on both APIs |"
    yield f"| {V2.largest_batch} | `v2`: ids per request at first |"
    yield f"| {V2.longest_ids:,} | `v2`: characters of ids per request, at most |"
    yield f"| {Incontact.largest_page} | `incontact`: agents per page of the list of states |"
    yield f"| {gate.MOST_UNDER_WAY} | requests at once, at most |"
    yield f"| {REQUEST_TIMEOUT:g} s | time limit of one request (`CXONE_REQUEST_TIMEOUT`) |"
    for tries in sorted(set(backoff.TRIES.values()), reverse=True):
        kinds = ", ".join(kind.value for kind, most in backoff.TRIES.items() if most == tries)
        yield f"| {tries} | tries of a request: {kinds} |"
    yield "| 1 | tries of a request: refused, not found, rejected, too large |"
    yield f"| {backoff.THROTTLES_IN_A_ROW} | 429s in a row without a good response, before a request fails |"
    yield f"| {backoff.LONGEST_RETRY_AFTER:g} s | longest Retry-After that rollcall waits for |"
    early = f"{token_cache.EARLY_SECONDS:g} s, or {token_cache.EARLY_SHARE:.0%} of its lifetime if that is less"
    yield f"| {early} | how long before its expiry a token is renewed |"
    yield f"| {roster.MOST_READINGS} | readings of a roster that changes, at most |"
    yield f"| {state_list.MOST_READINGS} | `incontact`: readings of a list of states that changes, at most |"
    yield f"| {second_look.PAGES} | `incontact`: pages in a second look, if agents are absent |"
    yield f"| {spot_check.CONTROLS} | `incontact`: agents in a spot check, if the list omits logged-out agents |"
    yield f"| {spot_check.MOST_SUSPICIOUS} | `incontact`: the same, if the list has rows of logged-out agents |"
    yield f"| {spot_check.MOST_ALONE} | `incontact`: the same, if the list has lost rows |"
    yield f"| {canary.HUNT_REQUESTS} | `v2`: requests to find one present agent, at most |"
    yield f"| {batches.FAILURES_IN_A_ROW} | `v2`: failed batches without a good response, before rollcall stops |"


PARTS: dict[str, Callable[[str], Iterator[str]]] = {
    "commands": commands,
    "catalogue": catalogue,
    "pages": pages,
    "faults": faults,
    "readings": readings,
    "names": names,
    "run": session,
    "report": report,
    "excerpt": excerpt,
    "file": example,
    "deployed": deployed,
    "permissions": fleet_permissions,
    "topic": topic,
    "table": table,
    "numbers": numbers,
    "figures": figures.tables,
}

FILES: dict[str, Callable[[], bytes]] = {"schema/check-1.json": json.schema, "rollcall.1": man_page.man_page}


def generated() -> Iterator[tuple[Path, bytes]]:
    """Yield each file with generated text, and its content."""
    for path in (ROOT / "README.md", *sorted(DOCS.rglob("*.md"))):
        old = path.read_text(encoding="utf-8")
        if _PART.search(old):
            new = _PART.sub(lambda part: f"{part['begin']}\n{_text(part['part'])}\n{part['end']}", old)
            yield path, new.encode()
    for name, content in FILES.items():
        yield DOCS / name, content()


def _text(part: str) -> str:
    name, _, arguments = part.partition(" ")
    return "\n".join(PARTS[name](arguments)).strip() + "\n"


def main(arguments: list[str]) -> int:
    """Write the files that differ; return the exit code. With `--check` they are only named."""
    check = arguments == ["--check"]
    stale = [(path, new) for path, new in generated() if not path.exists() or path.read_bytes() != new]
    for path, new in stale:
        sys.stderr.write(f"{'differs' if check else 'written'}: {path.relative_to(ROOT).as_posix()}\n")
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(new)
    if check and stale:
        sys.stderr.write("run: python3 dev.py docs\n")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
