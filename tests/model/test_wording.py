"""Words that depend on a number."""

from __future__ import annotations

import pytest

from cxone_rollcall.model.wording import counted


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 agents"), (1, "1 agent"), (2, "2 agents"), (1_234_567, "1,234,567 agents")]
)
def test_a_noun_follows_its_number(number: int, words: str) -> None:
    """One has the singular, and thousands are set apart."""
    assert counted(number, "agent") == words
