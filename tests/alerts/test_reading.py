"""The alert file: what it may have, and how mistakes are shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.written import assert_as_written

from cxone_rollcall.alerts.reading import parse_alerts, read_alerts
from cxone_rollcall.alerts.rules import Count, Each, Flapping, Found
from cxone_rollcall.config.toml_file import line_of
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.roll import Standing

SECRET = "whsec_c2VjcmV0LW9mLXRoZS1kZXNr"
WHOLE = """
[[alert]]
name = "break too long"
each = { state = ["Break", "Lunch"], team = "Support", longer_than = "30m" }
limit = { Support = "45m" }
for = "1m"
keep_firing_for = "1h30m"
send = ["desk"]

[[alert]]
name = "few"
count = { group = "available", by = "team", below = 3 }
limit = { Support = 5 }

[[alert]]
name = "flaps"
flapping = { changes = 6, within = "10m" }

[[alert]]
name = "login"
finding = "rc20*"

[[alert]]
name = "stuck"
stuck = "12h"

[send.desk]
url_env = "DESK_URL"
secret_keyring = "DESK_SECRET"
"""
CUTS = (
    "",
    "\n",
    '"',
    "=",
    "[",
    "]",
    "{",
    "}",
    "1",
    "x",
    ",",
    "[[alert]]\n",
    "\u2028",
    "\0",
    f'"{SECRET}"',
    "nan",
    "[[",
)
"""What a mistake puts into a file."""


def refused(text: str) -> str:
    """The message for a file that is refused."""
    with pytest.raises(SettingError) as raised:
        parse_alerts(text, named="alerts.toml")
    return f"{raised.value}\n{raised.value.example}"


def test_a_whole_file() -> None:
    """Each kind of rule becomes its value, times in seconds."""
    file = parse_alerts(WHOLE, named="alerts.toml")
    each, count, flapping, found, stuck = (rule.condition for rule in file.rules)
    assert isinstance(each, Each)
    assert isinstance(count, Count)
    assert (each.longer_than, each.limits) == (1800.0, {"support": 2700.0})
    assert each.selector.states == {"break", "lunch"}
    assert (file.rules[0].for_, file.rules[0].keep_firing_for, file.rules[0].send) == (60.0, 5400.0, ("desk",))
    assert (count.below, count.by_team, count.limits) == (3, True, {"support": 5})
    assert isinstance(flapping, Flapping)
    assert (flapping.changes, flapping.within) == (6, 600.0)
    assert isinstance(found, Found)
    assert {"RC201", "RC205"} <= found.codes
    assert "RC301" not in found.codes
    assert isinstance(stuck, Each)
    assert (stuck.selector.standing, stuck.longer_than) == (Standing.PRESENT, 43200.0)
    assert (file.places[0].url, file.places[0].secret, file.places[0].secret_in) == (
        "DESK_URL",
        "DESK_SECRET",
        "keyring",
    )


ALERT = '[[alert]]\nname = "a"\n'
DESK = '[send.desk]\nurl_env = "DESK_URL"\n'


MISTAKES = (
    ("", 0, "has no alert"),
    ("alert = 1", 1, "[[alert]]"),
    ("a = \n", 1, "not valid TOML"),
    ("[[alert]]\n", 1, "no name"),
    (ALERT + ALERT, 1, "exactly one of each, count"),
    (ALERT + 'stuck = "1h"\nfinding = "RC2*"\n', 1, "exactly one"),
    (ALERT + 'stuck = "1h"\n' + ALERT + 'stuck = "1h"\n', 5, "another alert is called 'a'"),
    (ALERT + 'stuk = "1h"\n', 3, "did you mean stuck?"),
    (ALERT + 'stuck = "1h"\nfro = "1m"\n', 4, "did you mean for?"),
    ("other = 1\n", 1, "known keys: alert, send"),
    (ALERT + 'stuck = "1 hour"\n', 3, 'such as "90s"'),
    (ALERT + 'stuck = ""\n', 3, "must be a time"),
    (ALERT + "stuck = 3600\n", 3, "must be a time"),
    (ALERT + 'stuck = "0s"\n', 3, "between 1 s"),
    (ALERT + 'stuck = "500d"\n', 3, "400 days"),
    (ALERT + 'stuck = "1h"\nfor = "-1s"\n', 4, "must be a time"),
    (ALERT + 'stuck = "1h"\nsend = "desk"\n', 4, "list of names"),
    (ALERT + 'stuck = "1h"\nsend = ["dusk"]\n' + DESK, 4, "did you mean 'desk'?"),
    (ALERT + 'stuck = "1h"\nsend = ["desk"]\n', 4, "[send.desk]"),
    (ALERT + 'each = { longer_than = "1m" }\n', 3, "a standing, a group or a state"),
    (ALERT + 'each = { state = "Break", longer = "1m" }\n', 3, "did you mean longer_than"),
    (ALERT + 'count = { team = "Support", above = 1 }\n', 3, "a standing, a group or a state"),
    (ALERT + 'each = { state = "Break", team = 3 }\n', 3, "team must be text"),
    (ALERT + 'each = { group = "busy" }\n', 3, "available, on-contact"),
    (ALERT + 'each = { standing = "away" }\n', 3, "logged_out"),
    (ALERT + 'each = { standing = "unknown", longer_than = "1m" }\n', 3, "is said by for"),
    (ALERT + 'each = { standing = "absent", state = "Break" }\n', 3, "has no state"),
    (ALERT + 'each = { state = "Break" }\nlimit = { A = "1m" }\n', 4, "replaces longer_than"),
    (ALERT + 'each = { state = "Break", longer_than = "1m" }\nlimit = { A = 3 }\n', 4, "must be a time"),
    (ALERT + 'count = { group = "available" }\n', 3, "above or below"),
    (ALERT + 'count = { group = "available", below = 1, above = 2 }\n', 3, "above or below"),
    (ALERT + 'count = { group = "available", below = 0 }\n', 3, "at least 1"),
    (ALERT + 'count = { group = "available", above = true }\n', 3, "whole number"),
    (ALERT + 'count = { group = "available", above = 1, by = "state" }\n', 3, "by must be team"),
    (ALERT + 'count = { group = "available", above = 1 }\nlimit = { A = 1 }\n', 4, "needs by"),
    (ALERT + 'finding = "RC9999"\n', 3, "no finding to fix matches"),
    (ALERT + 'finding = "RC601"\n', 3, "no finding to fix matches"),
    (ALERT + 'finding = []\n', 3, "a code or a pattern"),
    (ALERT + 'finding = "RC2*"\nlimit = { A = 1 }\n', 4, "has no limit"),
    (ALERT + 'flapping = { changes = 6 }\n', 3, "within is missing"),
    (ALERT + 'flapping = { changes = 1, within = "1m" }\n', 3, "at least 2"),
    (ALERT + 'stuck = "1h"\n[send.desk]\n', 4, "has no address"),
    (ALERT + 'stuck = "1h"\n' + DESK + 'url_keyring = "B"\n', 5, "not both"),
    (ALERT + 'stuck = "1h"\n' + DESK + 'type = "mail"\n', 6, "webhook or apprise"),
    (ALERT + 'stuck = "1h"\n' + DESK + 'type = "apprise"\nsecret_env = "A"\n', 4, "does not sign"),
    ('[[alert]]\nname = "a\\u0007"\n', 2, "printable"),
)  # fmt: skip
"""Files with a mistake, its line, and words of the message."""


@pytest.mark.parametrize(("text", "line", "words"), MISTAKES)
def test_each_mistake_has_its_line(text: str, line: int, words: str) -> None:
    """The message names the file, the line, and what to do."""
    message = refused(text)
    assert message.startswith(f"alerts.toml, line {line}: " if line else "alerts.toml ")
    assert words in message


SECRETS = (
    (f'url = "https://hooks.example/{SECRET}"\n', 5),
    (f'secret = "{SECRET}"\n', 5),
    (f'Token = "{SECRET}"\n', 5),
    (f'password = "{SECRET}"\n', 5),
    (f'url_env = "https://hooks.example/{SECRET}"\n', 5),
    (f'url_env = "HTTPS://hooks.example/{SECRET.removeprefix("whsec_")}"\n', 5),
    (f'url_env = "DESK"\nsecret_env = "{SECRET}"\n', 6),
    (f'url_env = "DESK"\nsecret_env = "{SECRET.removeprefix("whsec_")}"\n', 6),
    (f'url_env = "mailtos://me:{SECRET}@example.org"\n', 5),
    (f'url_env = """\n{SECRET}', 6),
)
"""What somebody might write into a place, and its line."""


@pytest.mark.parametrize(("inner", "line"), SECRETS)
def test_a_secret_in_the_file_is_refused(inner: str, line: int) -> None:
    """A URL or a secret is refused with its line, not repeated."""
    message = refused(f'{ALERT}stuck = "1h"\n[send.desk]\n{inner}')
    assert message.startswith(f"alerts.toml, line {line}: ")
    assert SECRET.removeprefix("whsec_") not in message


def test_each_refusal_is_written_out() -> None:
    """Each message and its example are written beside this test."""
    secrets = (f'{ALERT}stuck = "1h"\n[send.desk]\n{inner}' for inner, _ in SECRETS)
    text = "\n\n".join(refused(one) for one in (*(one for one, _, _ in MISTAKES), *secrets))
    assert_as_written(Path(__file__).with_name("refusals.txt"), text + "\n")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """A file that is missing, huge or no text is refused. Windows' line ends are read."""
    path = tmp_path / "alerts.toml"
    for content, words in (
        (None, "cannot be read"),
        (b"# \xff", "line 1: this is not UTF-8"),
        (b"#" * 300_000, "too large"),
    ):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(SettingError, match=words):
            read_alerts(path)
    with pytest.raises(SettingError, match="cannot be read"):
        read_alerts(tmp_path)
    path.write_bytes(WHOLE.replace("\n", "\r\n").encode())
    assert len(read_alerts(path).rules) == 5


def test_lines_of_values() -> None:
    """A value's line is the first of its statement."""
    text = '# one\na = [\n  1,\n  2,\n]\n\n[b]\nc = """\nx\n"""\n[[d]]\ne = 1\n[[d]]\ne = { f = 2 }\n'
    lines = {("a",): 2, ("b",): 7, ("b", "c"): 8, ("d", 0, "e"): 12, ("d", 1): 13, ("d", 1, "e", "f"): 14}
    assert {path: line_of(text, path) for path in lines} == lines


@given(st.lists(st.tuples(st.integers(0, len(WHOLE)), st.sampled_from(CUTS), st.integers(0, 6)), max_size=4))
@settings(max_examples=200)
def test_any_file_is_read_or_refused(edits: list[tuple[int, str, int]]) -> None:
    """A file with any mistakes is read, or refused with a line."""
    text = WHOLE
    for place, inserted, removed in edits:
        text = text[:place] + inserted + text[place + removed :]
    try:
        parse_alerts(text, named="alerts.toml")
    except SettingError as error:
        assert re.match(r"alerts\.toml(, line \d+: | has no alert)", str(error))
        assert SECRET not in f"{error}{error.example}"
