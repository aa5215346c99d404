"""The marks of a JSON text are counted outside of its strings. They are counted in steps of a thousand."""

import json
from collections.abc import Callable

import pytest

from cxone_rollcall.model.json_size import DEEPEST, MOST_EXPONENTS, has_more, has_slow_numbers, is_too_deep


@pytest.mark.parametrize("pad", ["", '"', "\\", ',[{"', "\\\\\"'"])
def test_outside_of_texts(pad: str) -> None:
    """Only commas outside of texts count, whatever the texts hold."""
    value = json.dumps([pad * 3] * 5_001).encode()
    assert has_more(value, b",", 4_000)
    assert not has_more(value, b",", 5_000)
    assert not has_more(json.dumps(",[{" * 10_000).encode(), b",[{", 1_000)


@pytest.mark.parametrize(("value", "mark"), [([{}] * 3_000, b"{"), ([[]] * 3_000, b"["), ([1] * 3_000, b",")])
def test_each_mark(value: object, mark: bytes) -> None:
    """Each mark is counted alone and with others."""
    data = json.dumps(value).encode()
    assert has_more(data, mark, 1_500)
    assert has_more(data, b",[{", 1_500)
    assert not has_more(data, mark, 3_001)
    assert not has_more(data.replace(mark, b"x"), mark, 100)


def test_damaged() -> None:
    """What comes after a text without an end is not counted."""
    assert not has_more(b'["' + b"1," * 5_000, b",", 1_000)
    assert has_more(b"[" + b"1," * 5_000 + b'"', b",", 1_000)


@pytest.mark.parametrize("number", [b"5e307", b"1.7E+308", b"-9e-0323"])
def test_numbers_with_exponents(number: bytes) -> None:
    """Numbers with a large exponent are counted, in texts they are none."""
    assert has_slow_numbers(b"[" + (number + b",") * (MOST_EXPONENTS + 1) + b"1]")
    assert not has_slow_numbers(b"[" + (number + b",") * MOST_EXPONENTS + b"1]")
    assert not has_slow_numbers(b"[" + (b'"%b",' % number) * (MOST_EXPONENTS + 1) + b"1]")


@pytest.mark.parametrize(
    "around", [lambda inner: [1, inner], lambda inner: {"a": inner, "b": {}}], ids=["list", "object"]
)
def test_levels_are_counted(around: Callable[[object], object]) -> None:
    """A value of more levels than Python can walk is too deep."""
    value: object = "innermost"
    for _ in range(DEEPEST - 1):
        value = around(value)
    assert not is_too_deep(value)
    assert is_too_deep(around(value))
    for _ in range(100_000):
        value = around(value)
    assert is_too_deep(value)
