"""Ids in a few bytes each are the same set as ids as texts."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxone_rollcall.roll import ids
from cxone_rollcall.roll.ids import Packed, Texts

NUMBERS = st.integers(0, 10**17).map(str)
ODD = st.sampled_from(["", "0", "007", "7", "70", "+7", "7 ", "٧", "a", "9" * 16, "9" * 17, "1" * 40, "-1", "\ud800"])
NEAR = st.integers(0x10, 0x1F).map(lambda number: f"{number:x}" * 8).filter(str.isdecimal)
"""Ids whose bytes are alike, so that the bytes of one lie across the records of two others."""
PAGES = st.lists(st.lists(st.one_of(NUMBERS, ODD, NEAR), max_size=12), max_size=12)


@given(PAGES, st.sampled_from([1, 24]))
def test_packed_ids_are_the_same_set(pages: list[list[str]], fullest: int) -> None:
    """Whatever ids come, in whatever pages: the same ones are new, and the same ones are in it."""
    packed, texts, before = Packed(), Texts(), ids.FULLEST
    ids.FULLEST = fullest
    try:
        for page in pages:
            assert packed.add(page) == texts.add(page)
    finally:
        ids.FULLEST = before
    assert sorted(packed) == sorted(texts)
    assert len(packed) == len(texts)
    assert all(one in packed for one in texts)
    assert all((one in packed) is (one in texts) for one in ("7", "1234567890123456", "", "07", "no such id"))


@given(PAGES)
def test_the_first_number_of_an_id_stays(pages: list[list[str]]) -> None:
    """An id has the number with which it first came, until it is taken out; the others are not touched by that."""
    packed, numbers = Packed(), dict[str, int]()
    for number, page in enumerate(pages):
        packed.add(page, [number] * len(page))
        numbers = {**dict.fromkeys(page, number), **numbers}
        if page:
            packed.discard(page[0])
            del numbers[page[0]]
    assert {one: packed.number(one) for one in packed} == numbers


@given(PAGES, st.integers(0, 10**12).map(str))
def test_a_copy_is_equal_until_one_of_the_two_changes(pages: list[list[str]], other: str) -> None:
    """A copy has the same ids and its own buckets; sets of different ids are not equal."""
    packed = Packed()
    for page in pages:
        packed.add(page)
    packed.discard(other)
    copied = packed.copy()
    assert copied == packed
    copied.add([other])
    assert other not in packed
    assert copied != packed


@pytest.mark.thorough
def test_an_id_takes_a_few_bytes() -> None:
    """A hundred thousand ids take at most 25 bytes each, where as texts in a dictionary they take a hundred."""
    packed = Packed()
    tracemalloc.start()
    try:
        for start in range(30_000_000_001, 30_000_100_001, 100):
            packed.add([str(start + place) for place in range(100)])
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(packed) == 100_000
    assert kept < 25 * 100_000
