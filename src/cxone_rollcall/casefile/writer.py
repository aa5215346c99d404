"""Writes a case file: without secrets, and without people if asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

import msgspec

from cxone_rollcall.casefile.anonymize import anonymized
from cxone_rollcall.casefile.document import SCHEMA, CaseFile, Document, Observed, case_file_of
from cxone_rollcall.casefile.map_texts import changed
from cxone_rollcall.findings.account import Account, record_fields
from cxone_rollcall.model.observations.base import Observation
from cxone_rollcall.model.struct import replace
from cxone_rollcall.version import __version__

SHORT = 300
"""Characters below which a text is cached. Names of states and teams repeat a thousand times."""

_ENCODER = msgspec.json.Encoder()


def write(account: Account, *, hide: Callable[[str], str], anonymize: bool = False) -> Iterator[bytes]:
    """Yield the case file of an account, in pieces of whole lines.

    `hide` removes every secret of the run from a text. It runs again over each text of the file, because a response
    may have echoed a secret before the run learned it.
    """
    kept = case_file_of(account, rollcall=__version__)
    if anonymize:
        kept = anonymized(kept)
    return pieces(_without_secrets(kept, hide))


def pieces(kept: CaseFile) -> Iterator[bytes]:
    """A case file as one JSON object, in pieces. Each item of a list has its own line."""
    document = _document(kept)
    before = b"{"
    for name in document.__struct_fields__:
        value = getattr(document, name)
        yield before + _ENCODER.encode(name) + b":"
        if isinstance(value, list):
            yield from _lines(value)
        else:
            yield _ENCODER.encode(value)
        before = b",\n"
    yield b"}\n"


def _lines(items: list[object]) -> Iterator[bytes]:
    before = b"[\n"
    for item in items:
        yield before + _ENCODER.encode(item)
        before = b",\n"
    yield b"\n]" if items else b"[]"


def _document(kept: CaseFile) -> Document:
    return Document(
        **{**record_fields(kept), "exchanges": list(kept.exchanges)},
        schema=SCHEMA,
        rollcall=kept.rollcall,
        anonymized=kept.anonymized,
        roster_complete=kept.roll.roster_complete,
        roll=list(kept.roll.entries),
        observations=[
            Observed(kind=type(one).__name__, facts=msgspec.Raw(_ENCODER.encode(_in_order(one))))
            for one in kept.observations
        ],
        missing={kind.__name__: why for kind, why in kept.missing.items()},
    )


def _in_order(seen: Observation) -> Observation:
    """The observation with its sets sorted. So one case is always the same file."""
    sets = {name: value for name in seen.__struct_fields__ if isinstance(value := getattr(seen, name), frozenset)}
    return replace(seen, **{name: tuple(sorted(value)) for name, value in sets.items()}) if sets else seen


def _without_secrets(kept: CaseFile, hide: Callable[[str], str]) -> CaseFile:
    remembered = lru_cache(maxsize=100_000)(lambda text: _valid(hide(text)))
    return changed(kept, lambda text: remembered(text) if len(text) < SHORT else _valid(hide(text)))


def _valid(text: str) -> str:
    r"""The text as valid UTF-8: a lone surrogate becomes `\ud800`."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
