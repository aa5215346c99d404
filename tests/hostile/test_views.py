"""With hostile texts every view stays safe, complete and machine-readable. They are in names, states and errors."""

from __future__ import annotations

import csv as stdlib_csv
import io as stdlib_io
import json as stdlib_json
import shlex
import sys
import xml.etree.ElementTree as ET

import pytest
from tests.hostile.everywhere import account, agent, exchange
from tests.hostile.texts import LONG, SHORT, TEXTS, is_safe
from tests.support.many_values import together
from tests.views.test_html import ELEMENTS, Page

from cxone_rollcall.cli import terminal
from cxone_rollcall.cli.auth.claims import who
from cxone_rollcall.cli.case import in_full, in_one_line
from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.next_command import why as why_command
from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.base import Selected, TenantAsked
from cxone_rollcall.model.roll import RollEntry
from cxone_rollcall.model.struct import replace
from cxone_rollcall.views import account as account_view
from cxone_rollcall.views import csv, html, json, junit, table
from cxone_rollcall.views import why as why_view
from cxone_rollcall.views.columns import COLUMNS, Content
from cxone_rollcall.views.text import brief, printable, width
from cxone_rollcall.why import answers

every = together("text", TEXTS, thorough=set(LONG) - {"long"})
every_small = together("text", TEXTS, thorough=LONG)
"""The small texts, in every run; `test_commands` has megabytes in a CSV."""
short = together("text", SHORT)
"""Reports have a text in full in each place. A megabyte takes thirty times as long there, and shows no more."""
CELLS = 100
MOST_SHOWN = 60_000
"""Most characters of an account of five agents and three findings."""


def exact(text: Content) -> Content:
    """A text as JSON and CSV return it, lone surrogates as escapes."""
    return text.encode("utf-8", "backslashreplace").decode() if isinstance(text, str) else text


def equal(one: object, other: object) -> bool:
    """Whether two values are equal. Pytest's own diff takes minutes for megabytes."""
    return one == other


def laid_out(shown: str) -> bool:
    """Whether each line fits, except for long words, which are not broken."""
    return all(width(line) <= CELLS or len(line.split()) <= 2 for line in shown.split("\n"))


@every
def test_the_account(text: str) -> None:
    """With any text anywhere, the account is safe and small. It fits the terminal."""
    shown = account_view.account(account(text), cells=CELLS)
    assert is_safe(shown)
    assert laid_out(shown)
    assert len(shown) < MOST_SHOWN
    for whole in (
        account_view.account(account(text)),
        account_view.summary(account(text)),
        account_view.roster_summary(account(text)),
    ):
        assert is_safe(whole)
        assert len(whole) < MOST_SHOWN


@every
def test_an_account_has_no_line_of_an_agents_making(text: str) -> None:
    """In a pipe no text adds a line to the account."""
    lines = account_view.account(account(text)).count("\n")
    assert lines == account_view.account(account("Ann Lee")).count("\n") - (not text)  # nothing to settle, no line


@every
def test_the_answers_of_why(text: str) -> None:
    """The answers of `why`, similar agents and candidates are safe too."""
    named = account(text)
    selected = Selected(agents=(text, f"{text}x"), unknown=(f"{text}x",), why=True)
    facts = (named.case[TenantAsked], named.case[TokenGranted], selected)
    drawn = replace(named, case=Case(named.roll, facts))
    said_of_each = answers(drawn)
    assert len(said_of_each) == len(drawn.roll) + 1
    shown = why_view.answers(drawn, said_of_each, cells=CELLS)
    near = (agent(text, text or "7"), agent(text, "8"))
    for said in (shown, why_view.candidates(near, why_command)):
        assert is_safe(said)
        assert len(said) < MOST_SHOWN
    assert laid_out(shown)


@every
def test_the_table(text: str) -> None:
    """Each table row is one line, with columns below their headings."""
    rows = table.rows(table.STATES, CELLS)
    fixed = (table.TableColumn("a", lambda entry: text, 12, 12, 12), table.TableColumn("b", lambda entry: "|", 1, 1, 1))
    for entry in account(text).roll.entries:
        line = rows.row(entry).decode().removesuffix("\n")
        assert is_safe(line)
        assert "\n" not in line
        assert width(line) <= max(CELLS, 2 * table.LONGEST + 20)
        assert width(table.line(fixed, entry, CELLS)) == 15
        assert table.line(fixed, entry, CELLS).endswith("  |")


@every
@pytest.mark.parametrize("array", [True, False])
def test_rows_of_json(text: str, *, array: bool) -> None:
    """JSON and NDJSON read back to the same values."""
    entries = account(text).roll.entries
    rows = json.rows(COLUMNS, array=array)
    written = b"".join([rows.begin, *map(rows.row, entries), rows.end])
    read = stdlib_json.loads(written) if array else [stdlib_json.loads(line) for line in written.splitlines()]
    assert equal(read, [{column.name: exact(column.value(entry)) for column in COLUMNS} for entry in entries])
    assert array or len(written.splitlines()) == len(entries)


@every
def test_the_account_as_json(text: str) -> None:
    """The account as JSON reads back to the same values. They are agents, states, findings and evidence."""
    drawn = account(text)
    document = stdlib_json.loads(b"".join(json.account(drawn)))
    names = ("agent_id", "name", "user_name", "email", "team")
    for said, entry in zip(document["agents"], drawn.roll.entries, strict=True):
        assert equal([said[name] for name in names], [exact(getattr(entry.agent, name)) for name in names])
        assert equal(said["asked_as"], exact(entry.asked_as))
        assert equal(said["state"], (exact(entry.state.state) if entry.state else None))
    assert equal({exact(state): count for state, count in drawn.roll.states().items()}, document["states"])
    assert equal(document["findings"][0]["evidence"][0]["seen"], exact(text))
    assert equal(document["findings"][0]["explains"], ["4", exact(text)])


def cells_of(written: bytes) -> list[list[str]]:
    """Read a CSV as the csv module does."""
    stdlib_csv.field_size_limit(sys.maxsize)
    return list(stdlib_csv.reader(stdlib_io.StringIO(written.decode(), newline=""), strict=True))


def in_csv(entry: RollEntry) -> list[str]:
    """An agent's values by the documented rule."""
    values = [exact(column.value(entry)) for column in COLUMNS]
    texts = ["" if one is None else str(one).lower() if isinstance(one, bool) else one for one in values]
    return [f"'{one}" if one[:1] in set("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20") - {""} else one for one in texts]


@every_small
def test_rows_of_csv(text: str) -> None:
    """CSV reads back to the same values. Only formulas have an apostrophe before them."""
    drawn = account(text)
    rows = csv.rows(COLUMNS)
    written = b"".join([rows.begin, *map(rows.row, drawn.roll.entries), rows.end])
    assert equal(cells_of(written)[1:], [in_csv(entry) for entry in drawn.roll.entries])
    report = cells_of(b"".join(csv.account(drawn, COLUMNS)))
    assert equal([row[:-1] for row in report[1:]], [in_csv(entry) for entry in drawn.roll.entries])


@pytest.mark.parametrize("name", [name for name in SHORT if name.startswith("formula")])
def test_no_cell_begins_a_formula(name: str) -> None:
    """No CSV cell begins like a formula."""
    cells = [cell for row in cells_of(b"".join(csv.account(account(SHORT[name]), COLUMNS))) for cell in row]
    assert not [cell for cell in cells if cell.startswith(tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"))]
    assert f"'{SHORT[name]}" in cells or not SHORT[name][0].isprintable() or name.endswith("quote")


@short
def test_the_html_page(text: str) -> None:
    """The page has only our elements and shows the text. It has no handlers and only internal links."""
    drawn = account(text)
    page = Page(drawn)
    assert {tag for tag, _ in page.elements} <= ELEMENTS
    attributes = {name for _, given in page.elements for name in given}
    assert not [name for name in attributes if name.startswith("on") or name in ("src", "srcset", "action")]
    assert not [link for link in page.having("href") if not link.startswith("#")]
    assert not text.strip() or brief(text, 30).rstrip("…") in page.text
    assert is_safe(b"".join(html.account(drawn)).decode())


@short
def test_the_junit_report(text: str) -> None:
    """The report is XML with only our elements, naming its agents. It has no document type."""
    written = b"".join(junit.account(account(text)))
    assert b"<!" not in written
    root = ET.fromstring(written)  # noqa: S314  our own document
    known = {"testsuites", "testsuite", "properties", "property", "testcase", "failure", "error", "skipped"}
    assert {element.tag for element in root.iter()} <= known | {"system-out"}
    assert is_safe(written.decode())
    said = "".join(root.itertext())
    assert printable(text) in said


@every
def test_the_lines_of_requests(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`-v` and `case show` print one short line per request. `-vv` and single exchanges are safe."""
    one = exchange(text)
    for verbosity in (1, 2):
        watch = terminal.watcher(verbosity)
        assert watch is not None
        watch(one)
        said = capsys.readouterr().err
        assert is_safe(said)
        assert verbosity == 2 or (said.count("\n") == 1 and len(said) < 2_000)
    line = in_one_line(one)
    assert is_safe(line)
    assert "\n" not in line
    assert len(line) < 5_000
    assert is_safe(in_full(one))


@every
def test_what_a_token_says_of_itself(text: str) -> None:
    """Claims are shown in short, safe lines."""
    claims = dict.fromkeys(("name", "sub", "userId", "tenantId", "tenant", "icBUId", "iss"), text)
    for label, value in (*who(claims), *who({**claims, "name": f"{text}!", "tenant": [text]})):
        assert is_safe(f"{label} {value}")
        assert "\n" not in value
        assert len(value) < 20_000


def test_the_texts_would_do_harm() -> None:
    """These tests recognize the hostile texts as unsafe."""
    unsafe = [name for name, text in SHORT.items() if not is_safe(text)]
    assert {"CSI", "OSC 8", "OSC 52", "C1", "bidi", "zero-width", "combining", "half a character"} <= set(unsafe)
    assert is_safe("渡辺 é Ann\n")
    assert all(len(text) >= 100_000 for text in LONG.values())


def test_an_id_in_a_command_to_type_is_quoted() -> None:
    """A suggested command runs nothing else, for any id."""
    said = why_view.candidates((agent("Ann", SHORT["shell"]), agent("Ann", "30000000001")), why_command)
    first, second = said.splitlines()
    assert shlex.split(first)[:3] == ["rollcall", "why", SHORT["shell"]]
    assert second.startswith("rollcall why 30000000001   ")


def test_a_long_name_leaves_a_whole_command() -> None:
    """A long name is cut by itself. The line's quotes are closed, and it fits a screen."""
    said = why_view.candidates((agent("O'" + "N" * 3000, "30000000001"),), why_command)
    assert shlex.split(said, comments=True) == ["rollcall", "why", "30000000001"]
    assert shlex.split(said)[:3] == ["rollcall", "why", "30000000001"]
    assert len(said) < 2 * CELLS + 100
