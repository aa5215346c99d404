"""The whole screen, as lines that fit the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from cxone_rollcall.model.struct import Value
from cxone_rollcall.model.wording import counted
from cxone_rollcall.views.screen.choices import GLYPHS, UNKNOWN, Choices
from cxone_rollcall.views.screen.floor import OUT, Floor
from cxone_rollcall.views.screen.rows import Row, duration, heading, row
from cxone_rollcall.views.text import by_words, fit, printable, shortened, width

if TYPE_CHECKING:
    from cxone_rollcall.findings.finding import Finding
    from cxone_rollcall.live.events import Polled
    from cxone_rollcall.live.seat import Seat

STYLES = {
    "available": "green",
    "on-contact": "bright_blue",
    "after-contact": "cyan",
    "unavailable": "yellow",
    "pending": "magenta",
    "other": "magenta",
    UNKNOWN: "bold reverse",
    "stale": "dim",
    "heading": "bold",
    "trouble": "bold red",
    "aside": "dim",
}
_PLAIN = str.maketrans("▲●◐■◇◆○≥…↑↓", "ACWUPO->~^v")
"""Letters for a terminal that has no such signs. None of them is the sign of unknown."""
MINUTES_FROM = 100.0
"""Seconds from which an age is written in minutes."""
_TEAM = 22
_COUNT = 6
BETWEEN = "   "
KEYS = ("q leave", "g group", "t team", "s sort", "/ find", "c clear", "↑↓ scroll", "~ between two polls", "≥ at least")


class Scene(Value, frozen=True, kw_only=True):
    """What there is to show, all as of the last poll.

    `tenant` is its name. `polled` is the last poll, None before the first, `age` the age of its data in seconds.
    `findings` and `alerts` are those that hold now. `codes` are those of the findings that explain each agent, `limits`
    the limit in seconds that each agent is over. `left_out` counts agents whom options left out from the start.
    `clock` writes a server's time as people read it. `is_unicode` is whether the terminal has signs beside letters.
    """

    tenant: str
    polled: Polled | None
    age: float | None
    findings: Sequence[Finding] = ()
    alerts: Sequence[str] = ()
    codes: Mapping[str, Sequence[str]] = {}
    limits: Mapping[str, float] = {}
    left_out: int = 0
    clock: Callable[[float], str]
    is_unicode: bool = True


class Page(Value, frozen=True):
    """The lines of a screen, each with its style. `rows` agents of the list are on it."""

    lines: tuple[tuple[str, str], ...]
    rows: int

    def text(self) -> Text:
        """The page for a terminal."""
        text = Text(no_wrap=True, overflow="crop", end="")
        for place, (line, style) in enumerate(self.lines):
            text.append(f"{line}\n" if place < len(self.lines) - 1 else line, STYLES.get(style, ""))
        return text


def page(scene: Scene, floor: Floor, choices: Choices, *, cells: int, height: int) -> Page:
    """The screen of a terminal of this size."""
    high = height >= 30
    top = [*_head(scene, cells), *_totals(scene, floor, cells), ("", "")]
    top += _teams(floor, cells, most=max(2, (height - 12) // 3))
    top += _news(scene, cells, most=4 if high else 2)
    top.append((shortened(heading(cells, choices.sort), cells), "heading"))
    keys = _keys(choices, cells)
    room = height - len(top) - len(keys) - 1
    rows, lines = _list(scene, floor, choices, cells, room)
    notes = _notes(scene, floor, choices, rows, cells)
    if len(lines) + len(notes) > room + 1:
        rows, lines = _list(scene, floor, choices, cells, room + 1 - len(notes))
        notes = _notes(scene, floor, choices, rows, cells)
    blank = height - len(top) - len(lines) - len(notes) - len(keys)
    foot = [*notes, *keys]
    whole = [*top, *lines, *[("", "")] * blank, *foot]
    if len(whole) > height:  # a very low terminal: what counts agents comes before the list
        whole = [*whole[: max(0, height - len(foot))], *foot[-height:]]
    shown = tuple((line if scene.is_unicode else line.translate(_PLAIN), style) for line, style in whole)
    return Page(shown, rows)


def _head(scene: Scene, cells: int) -> Iterator[tuple[str, str]]:
    polled = scene.polled
    if polled is None:
        yield shortened(f"{printable(scene.tenant)}{BETWEEN}calling the roll", cells), "heading"
        return
    right = f"{BETWEEN}{_age(scene)}{BETWEEN}poll {polled.poll}, every {polled.interval:.3g} s"
    yield shortened(fit(printable(scene.tenant), max(8, cells - width(right))) + right, cells), "heading"
    if not polled.ok:
        since = "" if polled.as_of is None else f" since {scene.clock(polled.as_of)}"
        yield by_words(f"NOT UP TO DATE{since}: {polled.missed}", cells), "trouble"


def _age(scene: Scene) -> str:
    if scene.age is None or scene.polled is None or scene.polled.as_of is None:
        return "no data yet"
    age = f"{scene.age:.0f} s" if scene.age < MINUTES_FROM else duration(scene.age)
    return f"data {age} old, as of {scene.clock(scene.polled.as_of)}"


def _totals(scene: Scene, floor: Floor, cells: int) -> list[tuple[str, str]]:
    counts = scene.polled.counts if scene.polled is not None else {}
    roster = counts.get("roster", 0)
    away = (f"{counts.get(one, 0)} {one.replace('_', ' ')}" for one in ("logged_out", "absent", "unknown"))
    open_ = f" ({counts['unexplained']} unexplained)" if counts.get("unexplained") else ""
    if not roster:
        return [(shortened("no agent is known yet", cells), "")]
    first = f"{counts.get('present', 0)} of {counted(roster, 'agent')} logged in, {', '.join(away)}{open_}"
    shown = [
        f"{glyph} {group} {floor.columns.get(group, 0)}"
        for group, glyph in GLYPHS.items()
        if floor.columns.get(group) or group not in ("pending", "other")
    ]
    shown.append(f"{UNKNOWN} unknown {floor.columns.get(UNKNOWN, 0)}")
    return [(line, "") for line in (*_packed((first,), cells), *_packed(shown, cells))]


def _teams(floor: Floor, cells: int, *, most: int) -> Iterator[tuple[str, str]]:
    columns = {**GLYPHS, UNKNOWN: UNKNOWN, OUT: OUT}
    shown = [one for one in columns if floor.columns.get(one) or one not in ("pending", "other")]
    name = min(_TEAM, max(8, cells - _COUNT * len(shown)))
    over = len(floor.teams) - most
    title = f"team ({over} more)" if over > 0 else "team"
    yield shortened(fit(title, name) + "".join(f"{columns[one]:>{_COUNT}}" for one in shown), cells), "heading"
    largest = sorted(floor.teams.items(), key=lambda item: -sum(item[1].values()))[:most]
    for team, counts in sorted(largest, key=lambda item: item[0].casefold()):
        numbers = "".join(f"{counts.get(one, 0):>{_COUNT}}" for one in shown)
        yield shortened(fit(printable(team), name) + numbers, cells), UNKNOWN if counts.get(UNKNOWN) else ""


def _news(scene: Scene, cells: int, *, most: int) -> Iterator[tuple[str, str]]:
    yield "", ""
    news = [f"! {alert}" for alert in scene.alerts]
    news += [f"{finding.code} {finding.name}: {finding.text}" for finding in scene.findings]
    for text in news[:most]:
        yield by_words(text, cells), "trouble"
    if len(news) > most:
        what = "more alerts and findings" if scene.alerts else "more findings: rollcall check"
        yield shortened(f"{len(news) - most} {what}", cells), "trouble"
    if news:
        yield "", ""


def _list(scene: Scene, floor: Floor, choices: Choices, cells: int, room: int) -> tuple[int, list[tuple[str, str]]]:
    """How many agents fit from `choices.top` on, and their lines."""
    lines: list[tuple[str, str]] = []
    rows = 0
    for seat in floor.listed[choices.top :]:
        one = _row(scene, seat, cells)
        if len(lines) + len(one.lines) > room and lines:
            break
        lines += [(line, one.style) for line in one.lines]
        rows += 1
        if len(lines) >= room:
            break
    return rows, lines


def _row(scene: Scene, seat: Seat, cells: int) -> Row:
    agent_id = seat.agent.agent_id
    now = scene.polled.as_of if scene.polled is not None else None
    return row(
        seat,
        cells,
        now=seat.as_of if now is None else now,
        clock=scene.clock,
        limit=scene.limits.get(agent_id),
        codes=scene.codes.get(agent_id, ()),
    )


def _notes(scene: Scene, floor: Floor, choices: Choices, rows: int, cells: int) -> list[tuple[str, str]]:
    """What the list leaves out, counted."""
    listed = len(floor.listed)
    below = listed - choices.top - rows
    parts = [f"{rows} of {counted(listed + floor.hidden, 'agent')} on the screen"]
    parts += [f"{choices.top} above"] if choices.top else []
    parts += [f"{below} below"] if below > 0 else []
    parts += [f"{floor.hidden} hidden by the filter ({printable(choices.said)})"] if choices.said else []
    parts += [f"{scene.left_out} not watched (--agent, --team)"] if scene.left_out else []
    return [(line, "aside") for line in _packed(parts, cells)]


def _keys(choices: Choices, cells: int) -> list[tuple[str, str]]:
    if choices.typing:
        return [(shortened(f"find: {printable(choices.text)}_   enter keeps, esc clears", cells), "heading")]
    return [(next(iter(_packed(KEYS, cells))), "aside")]


def _packed(parts: Iterable[str], cells: int) -> list[str]:
    """The parts on as few lines as hold them. A part that is too long for a line is cut."""
    lines: list[str] = []
    for part in parts:
        if lines and width(longer := f"{lines[-1]}{BETWEEN}{part}") <= cells:
            lines[-1] = longer
        else:
            lines.append(shortened(part, cells))
    return lines
