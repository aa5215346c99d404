"""Errors about a TOML file name the file and the line. They quote no value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.support.many_values import together

from cxone_rollcall.config.toml_file import TomlFile, line_of, read_toml, toml_text
from cxone_rollcall.errors import SettingError

TEXT = '''# a file
top = 1

[table]
one = [
  1,
  2, # in a list
]
text = """
[not.a.table]
"""
inner.key = { a = 1, b = [3] }

[[list]]
name = "first"

[[list]]
name = "second"
[list.below]
deep = true
'''
LINES: dict[tuple[str | int, ...], int] = {
    (): 1,
    ("top",): 2,
    ("table",): 4,
    ("table", "one"): 5,
    ("table", "one", 1): 5,
    ("table", "text"): 9,
    ("table", "inner"): 12,
    ("table", "inner", "key", "b", 0): 12,
    ("list",): 14,
    ("list", 0, "name"): 15,
    ("list", 1): 17,
    ("list", 1, "name"): 18,
    ("list", 1, "below", "deep"): 20,
}
"""Paths of values, and the line of each statement."""


@together("path", list(LINES))
def test_the_line_of_a_value(path: tuple[str | int, ...]) -> None:
    """The line is that on which the value's statement begins."""
    assert line_of(TEXT, path) == LINES[path]


def refusal(document: TomlFile, check: str, *given: Any, **named: Any) -> tuple[str, str]:
    """Return the message and the example of a check that fails."""
    with pytest.raises(SettingError) as refused:
        getattr(document, check)(*given, **named)
    return str(refused.value), refused.value.example


def test_what_is_refused() -> None:
    """A refusal has the file's name, the line and an example."""
    document = TomlFile(TEXT.replace("\n", "\r\n"), "it.toml")
    assert document.values["list"] == [{"name": "first"}, {"name": "second", "below": {"deep": True}}]
    assert document.values["table"]["text"] == "[not.a.table]\n"
    assert refusal(document, "refuse", ("top",), "no", example="top = 2") == ("it.toml, line 2: no", "top = 2")
    second = document.values["list"][1]
    document.check_keys(second, ("list", 1), ("below", "name"))
    assert refusal(document, "check_keys", second, ("list", 1), ("names", "below")) == (
        "it.toml, line 18: unknown key 'name'; did you mean names?",
        "",
    )
    assert refusal(document, "check_keys", second, ("list", 1), ("name", "x", "y")) == (
        "it.toml, line 19: unknown key 'below'; known keys: name, x, y",
        "",
    )
    assert document.table(second["below"], ("list", 1, "below")) == {"deep": True}
    assert refusal(document, "table", 1, ("top",)) == (
        "it.toml, line 2: 'top' must be a table",
        "'top' = { ... }",
    )
    assert refusal(document, "table", 1, ("top",), example="[top]")[1] == "[top]"


@pytest.mark.parametrize(
    ("text", "line"),
    [("a = 1\nb = hunter2\n", 2), ("a = 1\r\n\r\n'hunter2\r\n", 3), ("a = [\n1,\n", 2), ("\n\na = [[", 3)],
)
def test_what_is_no_toml(text: str, line: int) -> None:
    """Text that is no TOML is refused with its line, unquoted."""
    with pytest.raises(SettingError) as refused:
        TomlFile(text, "it.toml")
    assert str(refused.value) == f"it.toml, line {line}: this is not valid TOML"


def test_endless_nesting() -> None:
    """A list that nests too deeply is refused with the last line."""
    with pytest.raises(SettingError, match="line 3: this is not valid TOML"):
        TomlFile(f"\n\na = {'[' * 100_000}", "it.toml")


def test_the_text_of_a_file(tmp_path: Path) -> None:
    """A file is UTF-8, with or without a mark. Its size is limited."""
    path = tmp_path / "it.toml"
    path.write_bytes(b"\xef\xbb\xbfa = 1\n")
    assert read_toml(path, largest=9) == "a = 1\n"
    with pytest.raises(SettingError, match="more than 8 bytes"):
        read_toml(path, largest=8)
    with pytest.raises(SettingError) as refused:
        toml_text(b"\na = 1\nb = \xff\n", "it.toml")
    assert str(refused.value) == "it.toml, line 3: this is not UTF-8 text; save it as UTF-8"
    with pytest.raises(SettingError) as missing:
        read_toml(tmp_path / "none", largest=9)
    assert str(missing.value) == f"{tmp_path / 'none'} cannot be read: No such file or directory"
