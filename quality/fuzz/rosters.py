"""The file of people who are expected."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from cxone_rollcall.errors import SettingError
from cxone_rollcall.tables.expected import read_expected
from quality.fuzz.target import Target, must

_EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "expected.csv"


@cache
def _path() -> Path:
    return Path(tempfile.mkdtemp(prefix="rollcall-fuzz-")) / "expected.csv"


def feed(data: bytes) -> None:
    """Read a file of people."""
    _path().write_bytes(data)
    try:
        people = read_expected(_path())
    except SettingError as refused:
        must("expected.csv" in str(refused), "a refusal names the file", str(refused))
        return
    must(bool(people), "a file that is read names somebody", people)
    for person in people:
        must(bool(person.names) and all(person.names), "each person has a name", person)
    lines = [person.line for person in people]
    must(lines == sorted(set(lines)), "lines are in order, each with one person", lines)


def _seeds() -> Iterator[bytes]:
    table = _EXAMPLE.read_bytes()
    yield table
    yield table.replace(b",", b";")
    yield b"\xef\xbb\xbfsep=\t\n" + table.replace(b",", b"\t")
    yield table.decode().encode("utf-16")
    yield b'name,"Agent No."\n"Lee, Ann",100\n\n"Ek ""Bo""\nthe second",200\n'


TARGETS = (
    Target(
        name="roster",
        about="the people who are expected, as CSV",
        feed=feed,
        seeds=_seeds,
        words=(b"agent_id", b"e-mail", b"sep=;", b'"', b"PK\x03\x04", b"\xff\xfe", b"\r"),
    ),
)
