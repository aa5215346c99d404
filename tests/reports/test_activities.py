"""The file of activities: which states fit, and how mistakes are shown."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cxone_rollcall.errors import SettingError
from cxone_rollcall.history.interval import Status, unknown
from cxone_rollcall.model.groups import Group
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.reports.adherence.activities import Activities, Fit, Works
from cxone_rollcall.reports.adherence.activity_file import parse_activities, read_activities

WHOLE = """
[activities]
Phones = { group = ["available", "on-contact", "after-contact"] }
"Back office" = { state = "Unavailable", sub_state = ["Back Office", "Case work"] }
Lunch = { sub_state = "Lunch", logged_out = true }
"Day off" = { off = true }

[schedule]
columns = { who = "Agent", start = "Von" }
dates = "ddmmyyyy"
tz = "Europe/Berlin"
"""


def present(state: str | None, sub_state: str | None = None, group: Group | None = "unavailable") -> Status:
    """The status of an agent in a state."""
    return Status(Standing.PRESENT, state, sub_state, group)


def fit_of(activity: str, activities: Activities | None = None) -> Fit:
    """The fit of an activity that is mapped."""
    fit = (activities or Activities()).of(activity)
    assert fit is not None
    return fit


def refused(text: str) -> str:
    """The message for a file that is refused."""
    with pytest.raises(SettingError) as raised:
        parse_activities(text, named="activities.toml")
    return f"{raised.value}\n{raised.value.example}"


def test_a_whole_file(tmp_path: Path) -> None:
    """Each activity becomes its fit, and the schedule its layout. A byte mark and Windows line ends do not matter."""
    path = tmp_path / "activities.toml"
    path.write_bytes(b"\xef\xbb\xbf" + WHOLE.replace("\n", "\r\n").encode())
    activities, layout = read_activities(path)
    assert fit_of("phones", activities).groups == {"available", "on-contact", "after-contact"}
    assert fit_of(" back OFFICE ", activities).sub_states == {"back office", "case work"}
    assert fit_of("Lunch", activities).logged_out
    assert fit_of("Day off", activities).off
    assert fit_of("Open", activities) == fit_of("Open")  # the usual ones stay
    assert activities.of("Coaching") is None
    assert (layout.columns, layout.dates) == ({"who": "Agent", "start": "Von"}, "ddmmyyyy")
    assert layout.zone == ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("activity", "status", "fits"),
    [
        ("Open", present("Available", group="available"), True),
        ("Open", present("Busy", group="on-contact"), True),
        ("Open", present("ACW", group="after-contact"), True),
        ("Open", present("Break"), False),
        ("Open", present("Soon", group="pending"), False),
        ("Open", Status(Standing.LOGGED_OUT), False),
        ("Lunch", present("Unavailable", "Lunch"), True),
        ("Lunch", present("Break", "Break - lunch"), True),
        ("Lunch", present("Lunch"), True),
        ("Lunch", present("Lunch", "Overrun"), False),
        ("Lunch", present("Unavailable", "Lunch late"), False),
        ("Lunch", Status(Standing.LOGGED_OUT), False),
        ("Break", present("Break"), True),
        ("Break", present("Break", "Lunch"), False),
        ("Break", present("Break", "Breakfast"), False),
        ("Training", present("Unavailable", "Training"), True),
        ("Meeting", present("Not Ready", "MEETING"), True),
        ("Meeting", present(None), False),
    ],
)
def test_usual_activities(activity: str, status: Status, *, fits: bool) -> None:
    """Open is work. Lunch, Break, Training and Meeting are the sub-state of their name."""
    assert fit_of(activity).takes(status) is fits


@pytest.mark.parametrize(
    ("sub_state", "fits"),
    [
        ("Xmas", True),
        ("Break - Xmas", True),
        ("Break: xmas", True),
        ("Break/Xmas", True),
        ("Break-Xmas", True),
        ("Break Xmas", True),
        ("Break -:/ XMAS", True),
        ("BreakXmas", False),
        ("Break - Xmas -", False),
        ("break - Xmas", False),
        ("Lunch - Xmas", False),
        ("mas", False),
        ("Break - ", False),
        ("", False),
    ],
)
def test_a_sub_state_may_have_its_state_before_it(sub_state: str, *, fits: bool) -> None:
    """The state before the name of a sub-state does not count."""
    activities, _ = parse_activities('[activities]\nParty = { sub_state = "Xmas" }', named="a")
    assert fit_of("Party", activities).takes(present("Break", sub_state)) is fits


def test_a_state_that_is_a_separator() -> None:
    """A sub-state without more is its own name. So is a state without a sub-state."""
    text = '[activities]\nA = { sub_state = "Break -" }\nB = { sub_state = "Break" }'
    activities, _ = parse_activities(text, named="a")
    assert fit_of("A", activities).takes(present("Break", "Break -"))
    assert fit_of("B", activities).takes(present("Break", ""))
    assert not fit_of("B", activities).takes(present("Break", "Break -"))


def test_what_is_work() -> None:
    """An activity is work if a working state fits it."""
    activities, _ = parse_activities('[activities]\nPhones = { state = ["Available", "Busy"] }', named="a")
    seen = Works([present("Available", group="available"), present("Unavailable", "Lunch"), unknown("RC105")])
    assert seen.is_work(fit_of("Open"))
    assert seen.is_work(fit_of("Phones", activities))
    assert not seen.is_work(fit_of("Lunch"))
    assert not Works([]).is_work(fit_of("Phones", activities))


def test_states_and_logged_out() -> None:
    """A state fits by its name or both names. An agent who may be logged out may also have no state."""
    activities, _ = parse_activities(
        '[activities]\nDesk = { state = ["Unavailable", "break - desk"] }\nLunch = { logged_out = true }', named="a"
    )
    desk, lunch = fit_of("Desk", activities), fit_of("Lunch", activities)
    assert desk.takes(present("Unavailable", "Anything"))
    assert desk.takes(present("Break", "Desk"))
    assert not desk.takes(present("Break", "Other"))
    assert lunch.takes(Status(Standing.LOGGED_OUT))
    assert lunch.takes(Status(Standing.ABSENT))
    assert not lunch.takes(unknown("RC105"))
    assert not lunch.takes(present("Break", "Lunch"))  # the file's Lunch replaces the usual one


MISTAKES = (
    ("a = \n", 1, "not valid TOML"),
    ("\nactivity = {}\n", 2, "did you mean activities?"),
    ("activities = 1\n", 1, "must be a table"),
    ("[activities]\nOpen = 1\n", 2, "'Open' must be a table"),
    ('[activities]\nOpen = { groups = "available" }\n', 2, "did you mean group?"),
    ('[activities]\nLunch = { sub_state = "L" }\nOpen = { group = ["avaliable"] }\n', 3, "did you mean available?"),
    ('[activities]\nOpen = { group = "x" }\n', 2, "the groups are available, on-contact"),
    ("[activities]\nOpen = {}\n", 2, "no state fits 'Open'"),
    ("[activities]\nOpen = { off = 1 }\n", 2, "off must be true or false"),
    ('[activities]\nA = { off = true, state = "B" }\n', 2, "time off is not scheduled"),
    ('[activities]\nA = { state = "" }\n', 2, "state must be printable text"),
    ("[activities]\nA = { sub_state = [1] }\n", 2, "sub_state must be printable text"),
    ("[activities]\nA = { off = true }\na = { off = true }\n", 3, "'a' is there twice"),
    ('[schedule]\ndates = "dmy"\n', 2, "dates must be one of mmddyy"),
    ('[schedule]\ndates = ["mmddyy"]\n', 2, "dates must be one of mmddyy"),
    ('[schedule]\ntz = "Berlin"\n', 2, "there is no time zone 'Berlin'"),
    ('[schedule]\ntz = "../etc"\n', 2, "there is no time zone '../etc'"),
    ("[schedule]\ntz = 1\n", 2, "tz must be printable text"),
    ('[schedule]\ncolumns = { whom = "A" }\n', 2, "did you mean who?"),
    ("[schedule]\n\ncolumns = { who = 1 }\n", 3, "who must be printable text"),
)
"""Files with a mistake, its line, and words of the message."""


@pytest.mark.parametrize(("text", "line", "words"), MISTAKES)
def test_mistakes_have_their_line(text: str, line: int, words: str) -> None:
    """A mistake is shown with its line."""
    message = refused(text)
    assert message.startswith(f"activities.toml, line {line}: ")
    assert words in message


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """Files that are missing, a folder or no text are refused."""
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(SettingError, match="cannot be read"):
            read_activities(path)
    damaged = tmp_path / "damaged.toml"
    damaged.write_bytes(b"[activities]\n\xff")
    with pytest.raises(SettingError, match="line 2: this is not UTF-8"):
        read_activities(damaged)
