"""What is said of an error that nobody expected."""

from __future__ import annotations

from cxone_rollcall.errors import kind_and_place


def test_an_error_is_named_by_type_and_place() -> None:
    """The line is that where it was raised. One that was never raised has only a type."""
    never = ValueError("hunter2")
    assert kind_and_place(never) == "ValueError"
    try:
        int("hunter2")
    except ValueError as error:
        assert error.__traceback__ is not None
        assert kind_and_place(error) == f"ValueError at {__name__}:{error.__traceback__.tb_lineno}"
