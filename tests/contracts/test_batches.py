"""Batches are limited by number of ids and length of address."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxone_rollcall.contracts.v2 import V2

IDS = st.lists(st.text(min_size=1, max_size=60) | st.text("0123456789", min_size=1, max_size=19), max_size=150)


@pytest.mark.parametrize("separator", V2.separators)
@pytest.mark.parametrize("width", [11, 19])
def test_numbers_fit(width: int, separator: str) -> None:
    """A hundred ids of 11 or 19 digits are one batch."""
    ids = [str(10 ** (width - 1) + number) for number in range(250)]
    assert [len(one) for one in V2().batches(ids, 100, separator=separator)] == [100, 100, 50]


@pytest.mark.parametrize("separator", V2.separators)
def test_uuids_fit(separator: str) -> None:
    """A hundred UUIDs fit below the 4,096 characters of some gateways."""
    ids = [str(uuid.UUID(int=number)) for number in range(100)]
    (batch,) = V2().batches(ids, 100, separator=separator)
    assert len(V2().states_request(batch, state="Not Ready", separator=separator).target) < 4096


def test_long_ids_make_smaller_batches() -> None:
    """Ids of more than 4,000 characters are split before a 414."""
    ids = [f"{number:079d}" for number in range(100)]
    assert [len(one) for one in V2().batches(ids, 100, separator=",")] == [50, 50]
    assert [len(one) for one in V2().batches(["a" * 9000, "b", "c"], 100, separator=",")] == [1, 2]


@given(IDS, st.integers(1, 100), st.sampled_from(V2.separators))
def test_any_ids(ids: list[str], size: int, separator: str) -> None:
    """Each id is in one batch, in order. No batch is too large, and none has room for one more id."""
    contract = V2()

    def length(batch: tuple[str, ...]) -> int:
        return len(contract.states_request(batch, state=None, separator=separator).target)

    batches = list(contract.batches(ids, size, separator=separator))
    assert [one for batch in batches for one in batch] == ids
    path = length(("1",)) - 1
    for number, batch in enumerate(batches):
        assert 1 <= len(batch) <= size
        assert len(batch) == 1 or length(batch) <= path + contract.longest_ids
        if len(ids) <= size and number + 1 < len(batches):
            assert length((*batch, batches[number + 1][0])) + len(separator) > path + contract.longest_ids
