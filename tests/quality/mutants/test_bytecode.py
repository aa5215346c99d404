"""Which functions a change of a source changes."""

from __future__ import annotations

from typing import Any

from quality.mutants.bytecode import changed_functions

SOURCE = """MOST = 3
def most(rows=MOST):
    return sorted(row for row in rows if row > 1)
def made(limit):
    def full(rows):
        return rows > limit
    return full
class Tally:
    rows: int = 5
    def add(self, row):
        self.rows += row
    plain = staticmethod(lambda row: row + 7)
over = made(2)
"""


def changed(before: str, after: str) -> dict[str, Any] | None:
    """The names of the functions that change, with their new code."""
    found = changed_functions(SOURCE, SOURCE.replace(before, after), "module.py")
    return None if found is None else {place.name: code for place, code in found.items()}


def test_each_changed_function_is_found() -> None:
    """A change in a function, a method or a lambda names it."""
    assert set(changed("row > 1", "row > 2") or ()) == {"most", "most.<locals>.<genexpr>"}
    assert set(changed("+= row", "-= row") or ()) == {"Tally.add"}
    assert set(changed("row + 7", "row + 8") or ()) == {"Tally.<lambda>"}


def test_a_function_in_a_function_changes_both() -> None:
    """Both may run: the inner one may have been made already."""
    assert set(changed("rows > limit", "rows < limit") or ()) == {"made", "made.<locals>.full"}


def test_the_new_code_does_what_the_change_says() -> None:
    """With the new code, a function that exists does something else."""
    space: dict[str, Any] = {}
    exec(compile(SOURCE, "module.py", "exec"), space)  # noqa: S102
    found = changed("rows > limit", "rows < limit")
    assert found is not None
    assert [space["over"](rows) for rows in (1, 2, 3)] == [False, False, True]
    space["over"].__code__ = found["made.<locals>.full"]
    assert [space["over"](rows) for rows in (1, 2, 3)] == [True, False, False]


def test_what_runs_at_the_import_is_told_apart() -> None:
    """Constants, defaults and calls of a module run at the import."""
    for before, after in (("= 3", "= 4"), ("=MOST", "=1"), ("int = 5", "int = 6"), ("made(2)", "made(1)")):
        assert changed(before, after) is None, before


def test_moved_lines_change_nothing() -> None:
    """A comment or a blank line changes no function."""
    assert changed("MOST = 3\n", "MOST = 3\n# a comment\n\n") == {}
