"""Reads a case file, or refuses it with a message."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from cxone_rollcall.casefile.document import FAMILY, KINDS, SCHEMA, VERSION, CaseFile, Document, Observed
from cxone_rollcall.errors import SettingError
from cxone_rollcall.findings.account import record_fields
from cxone_rollcall.model.json_size import MOST_EXPONENTS, has_more, has_slow_numbers
from cxone_rollcall.model.observations.base import Observation
from cxone_rollcall.model.roll import Roll
from cxone_rollcall.model.struct import Value
from cxone_rollcall.version import __version__

LARGEST = 500_000_000
"""Most bytes of an unpacked file. More than twice the bodies that a run keeps, and still little memory."""
MOST_VALUES = 5_000_000
"""Most commas outside of texts, roughly the values of a file.

100,000 agents have some 2 million. A value takes up to 100 bytes of memory, whatever it takes in the file."""
MOST_OBSERVATIONS = 1_000
"""Most observations of a file, including unknown kinds. A run has each kind once."""
LONGEST_WORDS = 200
"""Most characters of an error that a message quotes."""

SAVE = "rollcall check --save case.json"


class _Head(msgspec.Struct):
    schema: str | None = None


class _Uncounted(msgspec.Struct, gc=False):
    """An observation of which nothing is read."""


class _Sizes(msgspec.Struct):
    observations: list[_Uncounted] = []


_SIZES = msgspec.json.Decoder(_Sizes)
_HEAD = msgspec.json.Decoder(_Head)
_DOCUMENT = msgspec.json.Decoder(Document)


@lru_cache
def _decoder(kind: str) -> msgspec.json.Decoder[Observation]:
    return msgspec.json.Decoder(KINDS[kind])


class Reading(Value, frozen=True):
    """A case that was read, and remarks of one sentence each."""

    kept: CaseFile
    remarks: tuple[str, ...] = ()


def read(data: bytes | bytearray, name: str) -> Reading:
    """The case in the bytes of the file `name`. Raises `SettingError` if there is none."""
    _check_schema(data, name)
    _check_sizes(data, name)
    try:
        document = _DOCUMENT.decode(data)
        observations, unknown = _observations(document.observations)
    except msgspec.ValidationError as error:
        raise _unreadable(name, f"not as rollcall writes it: {_short(error)}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _unreadable(name, f"damaged: {_short(error)}") from error
    _check_numbers(document, observations, name)
    missing = {kind: document.missing.get(label, _not_looked_for(document)) for label, kind in KINDS.items()}
    kept = CaseFile(
        **{**record_fields(document), "exchanges": tuple(document.exchanges)},
        rollcall=document.rollcall,
        anonymized=document.anonymized,
        roll=Roll(tuple(document.roll), document.roster_complete),
        observations=observations,
        missing={kind: why for kind, why in missing.items() if not any(type(one) is kind for one in observations)},
    )
    return Reading(kept, tuple(_remarks(kept, unknown, name)))


def too_large(name: str) -> SettingError:
    """The error for a file of more than `LARGEST` bytes."""
    return SettingError(f"{name} is too large for a case file: unpacked it has more than {LARGEST:,} bytes")


def _check_schema(data: bytes | bytearray, name: str) -> None:
    """Raise `SettingError` unless this is a JSON object with our schema."""
    try:
        schema = _HEAD.decode(data).schema
    except msgspec.ValidationError as error:
        raise _no_case(name) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if data.lstrip()[:1] != b"{":
            raise _no_case(name) from error
        raise _unreadable(name, f"cut off or damaged: {_short(error)}") from error
    if schema == SCHEMA:
        return
    if not schema:
        raise _no_case(name)
    number = schema.removeprefix(FAMILY)
    if schema.startswith(FAMILY) and number.isascii() and number.isdecimal():
        newer = len(number) > len(str(VERSION)) or int(number) > VERSION
        if newer:
            raise SettingError(
                f"{name} has the schema {schema[:50]}, but this rollcall {__version__} reads {SCHEMA}: update it",
                example="git pull, in the checkout of rollcall",
            )
    raise _no_case(name, f": its schema is {schema[:50]!r}")


def _check_sizes(data: bytes | bytearray, name: str) -> None:
    """Raise `SettingError` if the file would take too much memory or time. Checked before any object is made."""
    if has_more(data, b",", MOST_VALUES):
        raise SettingError(f"{name} is too large for a case: it has more than {MOST_VALUES:,} values")
    if has_slow_numbers(data):
        raise SettingError(f"{name} is no case of a run: more than {MOST_EXPONENTS:,} numbers have a large exponent")
    try:
        seen = len(_SIZES.decode(data).observations)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return  # what is wrong with it is found again, and named
    if seen > MOST_OBSERVATIONS:
        raise SettingError(
            f"{name} is no case of a run: it has {seen:,} observations, not at most {MOST_OBSERVATIONS:,}"
        )


def _no_case(name: str, why: str = "") -> SettingError:
    return SettingError(f"{name} is no case file of rollcall{why}. This saves one:", example=SAVE)


def _unreadable(name: str, why: str) -> SettingError:
    return SettingError(
        f"{name} cannot be read: it is {why}. Get the file again, or save the case again:", example=SAVE
    )


def _short(error: Exception) -> str:
    words = " ".join(str(error).split())
    return words if len(words) <= LONGEST_WORDS else words[:LONGEST_WORDS] + "..."


def _observations(seen: list[Observed]) -> tuple[tuple[Observation, ...], list[str]]:
    """The observations of known classes, and the names of unknown ones."""
    known = tuple(_decoder(one.kind).decode(one.facts) for one in seen if one.kind in KINDS)
    return known, sorted({one.kind for one in seen if one.kind not in KINDS})


def _check_numbers(document: Document, observations: tuple[Observation, ...], name: str) -> None:
    """Raise `SettingError` if the file has anything twice. An agent, an observation or an exchange."""
    for what, keys in (
        ("an agent", [entry.agent.agent_id for entry in document.roll]),
        ("an observation", list(map(type, observations))),
        ("an exchange", [exchange.number for exchange in document.exchanges]),
    ):
        if len(set(keys)) != len(keys):
            raise _unreadable(name, f"not as rollcall writes it: {what} is in it twice")


def _not_looked_for(document: Document) -> str:
    return f"rollcall {document.rollcall[:50]}, which saved the case, did not look for it"


def _remarks(kept: CaseFile, unknown: list[str], name: str) -> list[str]:
    remarks = []
    if kept.rollcall != __version__:
        remarks.append(f"{name} was saved by rollcall {kept.rollcall}; version {__version__} judges it here")
    if unknown:
        remarks.append(f"{name} has observations that this version does not know and leaves out: {', '.join(unknown)}")
    return remarks
