"""Which ids have been seen: as texts, by whoever keeps those anyway, or packed, by the million."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ID, _NUMBER = 8, 2
_RECORD = _ID + _NUMBER
_DIGITS = 2 * _ID
GREATEST_NUMBER = 2 ** (8 * _NUMBER) - 1
FULLEST = 24
"""How many records a bucket holds on average before there are more buckets: so many are looked through at once."""
_GROWTH = 4


class Ids(Protocol):
    """A set of ids that is added to page by page."""

    def __contains__(self, agent_id: object, /) -> bool:
        """Tell whether this id has been added."""

    def __len__(self) -> int:
        """Return how many ids there are."""

    def __iter__(self) -> Iterator[str]:
        """Yield each id."""

    def add(self, agent_ids: Sequence[str]) -> list[str]:
        """Add ids; return those that were not in here, in their order, each as often as it was given."""

    def copy(self) -> Ids:
        """Return another set of the same ids."""


class Texts(dict[str, None]):
    """Ids as the texts that they are, in the order in which they came."""

    def add(self, agent_ids: Sequence[str]) -> list[str]:
        """Add ids; return those that were not in here, in their order, each as often as it was given."""
        news = agent_ids if self.keys().isdisjoint(agent_ids) else [one for one in agent_ids if one not in self]
        self.update(dict.fromkeys(news))
        return list(news)

    def copy(self) -> Texts:
        """Return another set of the same ids."""
        return Texts(self)


class Packed:
    """Ids in a few bytes each, with a number from 0 to 65,535 beside each; exact, and in no order.

    An id that is a plain decimal number of at most 16 digits, as those of CXone are, takes ten bytes and its share of
    a bucket, 15 to 25 in all, where a text in a dictionary takes a hundred. Any other (a leading zero, a letter,
    seventeen digits) is kept as the text that it is.

    The records lie in buckets, one after the other. Which bucket one is in says Python's own hash of the text, which
    is another one in each process: no server can choose ids that all fall into one.
    """

    __slots__ = ("_buckets", "_others", "_packed")
    __hash__ = None  # type: ignore[assignment]  # it changes

    def __init__(self) -> None:
        self._buckets = [bytearray()]
        self._packed = 0
        self._others: dict[str, int] = {}

    def __len__(self) -> int:
        return self._packed + len(self._others)

    def __contains__(self, agent_id: object, /) -> bool:
        return isinstance(agent_id, str) and self.number(agent_id) is not None

    def __iter__(self) -> Iterator[str]:
        for bucket in self._buckets:
            for at in range(0, len(bucket), _RECORD):
                yield _text(bucket[at : at + _ID])
        yield from self._others

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Packed) and len(self) == len(other) and all(one in other for one in self)

    def number(self, agent_id: str) -> int | None:
        """Return the number beside an id; None where the id is not in here."""
        if not _are_plain((agent_id,)):
            return self._others.get(agent_id)
        bucket = self._buckets[hash(agent_id) & len(self._buckets) - 1]
        at = _place(bucket, _pack((agent_id,)))
        return None if at < 0 else int.from_bytes(bucket[at + _ID : at + _RECORD], "big")

    def add(self, agent_ids: Sequence[str], numbers: Sequence[int] = ()) -> list[str]:
        """Add ids, each with its number, or with 0; return those that were not in here, which alone have it now.

        They are in their order, each as often as it was given.
        """
        if not _are_plain(agent_ids):
            news = [one for one in agent_ids if one not in self]
            for agent_id, number in zip(agent_ids, numbers or [0] * len(agent_ids), strict=True):
                if _are_plain((agent_id,)):
                    self._put((agent_id,), (number,))
                else:
                    self._others.setdefault(agent_id, number)
            return news
        news = self._put(agent_ids, numbers)
        if len(news) < len(agent_ids):
            fresh = frozenset(news)
            return [one for one in agent_ids if one in fresh]
        return news

    def _put(self, agent_ids: Sequence[str], numbers: Sequence[int]) -> list[str]:
        buckets, mask = self._buckets, len(self._buckets) - 1
        packed, at = _pack(agent_ids), 0
        beside = [number.to_bytes(_NUMBER, "big") for number in numbers] or [bytes(_NUMBER)] * len(agent_ids)
        news = []
        for agent_id, number in zip(agent_ids, beside, strict=True):
            record = packed[at : at + _ID]
            at += _ID
            bucket = buckets[hash(agent_id) & mask]
            if record not in bucket or _place(bucket, record) < 0:
                bucket += record + number
                news.append(agent_id)
        self._packed += len(news)
        if self._packed > FULLEST * len(buckets):
            self._share_out()
        return news

    def discard(self, agent_id: str) -> None:
        """Take an id out, if it is in here."""
        if not _are_plain((agent_id,)):
            self._others.pop(agent_id, None)
            return
        bucket = self._buckets[hash(agent_id) & len(self._buckets) - 1]
        at = _place(bucket, _pack((agent_id,)))
        if at >= 0:
            del bucket[at : at + _RECORD]
            self._packed -= 1

    def copy(self) -> Packed:
        """Return another set of the same ids and numbers."""
        other = Packed()
        other._buckets = [bucket.copy() for bucket in self._buckets]
        other._packed, other._others = self._packed, self._others.copy()
        return other

    def _share_out(self) -> None:
        """Share the records out among more buckets, one old bucket after the other."""
        old, mask = self._buckets, _GROWTH * len(self._buckets) - 1
        buckets = self._buckets = [bytearray() for _ in range(mask + 1)]
        while old:
            bucket = old.pop()
            for at in range(0, len(bucket), _RECORD):
                record = bucket[at : at + _RECORD]
                buckets[hash(_text(record[:_ID])) & mask] += record


def _are_plain(agent_ids: Sequence[str]) -> bool:
    """Tell whether each id is a number as one writes it, so that its digits alone give the text again."""
    together = "".join(agent_ids)
    return (
        together.isdecimal()
        and together.isascii()
        and min(agent_ids)[:1] > "0"  # none is empty, and none has a leading zero
        and max(map(len, agent_ids)) <= _DIGITS
    )


def _pack(agent_ids: Sequence[str]) -> bytes:
    """Return the digits of ids, two to a byte, one id after the other."""
    return bytes.fromhex("".join([one.zfill(_DIGITS) for one in agent_ids]))


def _text(record: bytearray) -> str:
    return record.hex().lstrip("0")


def _place(bucket: bytearray, record: bytes) -> int:
    """Return where the record of an id begins, -1 where there is none: the same bytes may lie across two records."""
    at = bucket.find(record)
    while at >= 0 and at % _RECORD:
        at = bucket.find(record, at + 1)
    return at
