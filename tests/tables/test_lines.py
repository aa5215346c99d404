"""Lines of tables, their columns, and the text of a file."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxone_rollcall.errors import SettingError
from cxone_rollcall.findings.attendance import Expected
from cxone_rollcall.tables import text as reading
from cxone_rollcall.tables.expected import COLUMNS, EXAMPLE, NAMES, read_expected
from cxone_rollcall.tables.lines import Lines, columns_called, letters, lines_of, names_in, refuse_longer
from cxone_rollcall.tables.text import read_text


@pytest.mark.parametrize(
    ("text", "separator", "rows"),
    [
        ("a,b\n1,2\n", ",", [(1, ["a", "b"]), (2, ["1", "2"])]),
        ("a;b,c;d\n1;2;3\n", ";", [(1, ["a", "b,c", "d"]), (2, ["1", "2", "3"])]),
        ("a\tb\n1\t2,3,4\n", "\t", [(1, ["a", "b"]), (2, ["1", "2,3,4"])]),
        ("a|b\n1|2\n", "|", [(1, ["a", "b"]), (2, ["1", "2"])]),
        ("a,b;c\n1,2\n", ",", [(1, ["a", "b;c"]), (2, ["1", "2"])]),
        ("alone\n1,2\n", ",", [(1, ["alone"]), (2, ["1", "2"])]),
        (" a , b \n\n ,\n1\n,,\n1,2,3,\n", ",", [(1, ["a", "b"]), (4, ["1", ""]), (6, ["1", "2", "3", ""])]),
        ('a,b\n"x\ny",2\n3,4', ",", [(1, ["a", "b"]), (3, ["x\ny", "2"]), (4, ["3", "4"])]),
        ("sep=;\na,b;c\n", ";", [(2, ["a,b", "c"])]),
        ('"SEP=|"  \na|b\n', "|", [(2, ["a", "b"])]),
        ("sep=\t\na\tb", "\t", [(2, ["a", "b"])]),
        ("xsep=;,\na,b\n", ",", [(1, ["xsep=;", ""]), (2, ["a", "b"])]),
        ("", ",", []),
    ],
)
def test_rows_have_numbers_and_the_width_of_the_first(
    text: str, separator: str, rows: list[tuple[int, list[str]]]
) -> None:
    """The separator is the commonest of the first line. A short row is filled up; empty rows are left out."""
    lines = lines_of(text, named="x.csv")
    assert (lines.named, lines.separator) == ("x.csv", separator)
    assert list(lines.rows()) == rows


def test_quotes_may_be_text() -> None:
    """Without quoting a quote is text. A broken one names its line in the file."""
    plain = Lines(named="x", text='a|"b\n', separator="|", quoting=csv.QUOTE_NONE)
    assert list(plain.rows()) == [(1, ["a", '"b'])]
    with pytest.raises(SettingError, match=r"^x\.csv, line 4: this is no line of a table: "):
        list(lines_of('sep=,\na,b\n1,2\n"3"4,5\n', named="x.csv").rows())


@pytest.mark.parametrize(
    ("row", "longer"), [(["1"], False), (["1", "2"], False), (["1", "2", "", ""], False), (["1", "2", "", "3"], True)]
)
def test_a_row_may_not_have_more_than_the_columns(row: list[str], *, longer: bool) -> None:
    """Empty fields at the end count for nothing."""
    if not longer:
        refuse_longer(["a", "b"], row, where="x")
        return
    with pytest.raises(SettingError, match=r"^x: this line has 4 fields, and the first line 2$") as refusal:
        refuse_longer(["a", "b"], row, where="x")
    assert refusal.value.example == 'a text with a separator needs quotes: "Lee, Ann"'


def test_columns_are_found_by_their_letters() -> None:
    """The order is that of the names. Case, blanks and signs do not matter; the first of two columns counts."""
    header = ["E-Mail", "User_Name", "agentID", "user name", "Straße", "name"]
    assert columns_called(header, ("agent id", "user name", "email", "e mail")) == [2, 1, 0]
    assert columns_called(header, ("strasse", "no")) == [4]
    assert columns_called(header, ()) == columns_called([], ("name",)) == []
    assert letters("Agent No. #1") == "agentno1"


def test_the_best_column_comes_first(tmp_path: Path) -> None:
    """Ids come before user names, and these before e-mails."""
    known = [*dict.fromkeys(COLUMNS)]
    rows = [[*known[::-1], "team"], [*(f"p{at}" for at in reversed(range(len(known)))), "Sales"]]
    (tmp_path / "x.csv").write_text("".join(",".join(row) + "\n" for row in rows))
    assert read_expected(tmp_path / "x.csv") == (Expected(line=2, names=tuple(f"p{at}" for at in range(len(known)))),)
    assert known[:5] == ["agent id", "id", "who", "agent no", "agent number"]


@pytest.mark.parametrize("name", [*COLUMNS, *NAMES])
def test_each_column_alone_is_enough(name: str, tmp_path: Path) -> None:
    """Any column that names people is read, in any letter case."""
    (tmp_path / "x.csv").write_text(f"team,{name.upper()}\nSales,Ann\n,Ben\n")
    assert read_expected(tmp_path / "x.csv") == (Expected(line=2, names=("Ann",)), Expected(line=3, names=("Ben",)))


def test_the_names_of_a_person_come_once_each(tmp_path: Path) -> None:
    """The best column comes first. What is in a text comes after it."""
    (tmp_path / "x.csv").write_text("email,id,user\nann <a@x.example>,100.0,100\n,,ben\n")
    assert read_expected(tmp_path / "x.csv") == (
        Expected(line=2, names=("100.0", "100", "ann <a@x.example>", "a@x.example")),
        Expected(line=3, names=("ben",)),
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("100", ("100",)),
        ("100.0", ("100.0", "100")),
        ("100,00", ("100,00", "100")),
        ("100.00", ("100.00", "100")),
        ("100.000", ("100.000",)),
        ("100.", ("100.",)),
        ("'100", ("'100", "100")),
        ('"100"', ('"100"', "100")),
        ('="100"', ('="100"', "100")),
        ("=100", ("=100",)),
        ("Ann <a@x>", ("Ann <a@x>", "a@x")),
        ("Ann <a@x> <b@y>", ("Ann <a@x> <b@y>",)),
        ("Ann <a @x>", ("Ann <a @x>",)),
        ("Ann <ax>", ("Ann <ax>",)),
        ("", ("",)),
    ],
)
def test_what_is_in_a_name(text: str, names: tuple[str, ...]) -> None:
    """An id or an e-mail in a text is a second name."""
    assert names_in(text) == names


@pytest.mark.parametrize(
    ("text", "example"),
    [
        ("", EXAMPLE),
        ("agent_id\n", EXAMPLE),
        ("first\nAnn\n", EXAMPLE),
        ("30000000001\n", "agent_id\n30000000001"),
        ("x,ann@acme.example\n", "email\nann@acme.example"),
    ],
)
def test_a_refusal_has_lines_to_begin_with(text: str, example: str, tmp_path: Path) -> None:
    """The example is a file that is read. It has the person of the first line, if that is one."""
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(SettingError) as refusal:
        read_expected(tmp_path / "x.csv")
    assert refusal.value.example == example
    (tmp_path / "x.csv").write_text(example)
    assert read_expected(tmp_path / "x.csv")


@pytest.mark.parametrize("rounded", ["3E+10", "3.0E+10", "3,00005e+10"])
def test_a_rounded_id_is_refused_in_any_column(rounded: str, tmp_path: Path) -> None:
    """A spreadsheet's rounding has lost digits. A name that is like it is none."""
    for line in (f"{rounded};ann", f"ann;{rounded}"):
        (tmp_path / "x.csv").write_text(f"id;user\n{line}\n")
        with pytest.raises(SettingError, match=r"line 2: .* is an id that a spreadsheet has rounded"):
            read_expected(tmp_path / "x.csv")
    (tmp_path / "x.csv").write_text("user\n33E+10\nE+10\n3E10\n")
    assert len(read_expected(tmp_path / "x.csv")) == 3


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"a\n\xc3\xa9", "a\né"),
        (b"\xef\xbb\xbfa", "a"),
        (b"\xff\xfea\x00\xe9\x00", "aé"),
        (b"\xfe\xff\x00a\x00\xe9", "aé"),
        (b"", ""),
    ],
)
def test_texts_in_utf_8_and_utf_16(data: bytes, text: str, tmp_path: Path) -> None:
    """The mark tells the encoding, and is not part of the text."""
    (tmp_path / "x").write_bytes(data)
    assert read_text(tmp_path / "x") == text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff", "line 1: this is not UTF-8 text; save it as CSV UTF-8"),
        (b"a\nb\xe9\nc", "line 2: this is not UTF-8 text; save it as CSV UTF-8"),
        (b"\xff\xfea\x00b", "line 1: this is not UTF-8 text; save it as CSV UTF-8"),
        (b"\0a", "line 1: this is not text; save it as CSV UTF-8"),
        (b"a\n\nb\0", "line 3: this is not text; save it as CSV UTF-8"),
        (b"PK\x03\x04", 'is a workbook, not a text: in Excel, save it as "CSV UTF-8"'),
        (b"\xd0\xcf\x11\xe0", 'is a workbook, not a text: in Excel, save it as "CSV UTF-8"'),
    ],
)
def test_what_is_no_text_names_its_line(data: bytes, words: str, tmp_path: Path) -> None:
    """The error says where, and how to save it."""
    path = tmp_path / "x"
    path.write_bytes(data)
    with pytest.raises(SettingError) as refusal:
        read_text(path)
    assert str(refusal.value) == f"{path}{',' if words.startswith('line') else ''} {words}"


def test_a_file_has_a_largest_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last size that is read, and the first that is not."""
    monkeypatch.setattr(reading, "LARGEST", 5)
    path = tmp_path / "x"
    path.write_bytes(b"12345")
    assert read_text(path) == "12345"
    path.write_bytes(b"123456")
    with pytest.raises(SettingError, match="too large"):
        read_text(path)
    with pytest.raises(SettingError, match="cannot be read: Is a directory"):
        read_text(tmp_path)


FIELDS = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\x85\u2028\u2029"), max_size=6).map(
    str.strip
)


@given(st.lists(st.lists(FIELDS, min_size=3, max_size=3), min_size=1, max_size=5), st.sampled_from(",;\t|"))
def test_what_was_written_is_read(rows: list[list[str]], separator: str) -> None:
    """Any fields are read again with their line."""
    header = ["a", "b", "c"]
    written = [header, *rows]
    text = "".join(separator.join('"' + one.replace('"', '""') + '"' for one in row) + "\n" for row in written)
    expected = [(number, row) for number, row in enumerate(written, 1) if any(row)]
    assert list(lines_of(text, named="x").rows()) == expected
