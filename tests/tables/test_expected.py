"""The file of expected people. What is read, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxone_rollcall.errors import SettingError
from cxone_rollcall.tables.expected import read_expected


def names(folder: Path, data: bytes) -> list[tuple[str, ...]]:
    """The names of each person in a file of these bytes."""
    path = folder / "forty.csv"
    path.write_bytes(data)
    return [one.names for one in read_expected(path)]


@pytest.mark.parametrize(
    "text",
    [
        "agent_id\n100\n200\n",
        "Agent ID\r\n100\r\n200",
        "\ufeffagentId,name\n100,Ann\n200,Bo\n",
        "name;Agent No.\nAnn;100\nBo;200\n",
        "name\tid\nAnn\t100\n\n\nBo\t200\n",
        "sep=;\nwho;team\n100;Sales, North\n200;\n",
        'team,"User Name"\n"Lee, Ann","100"\n"a ""b""\nc",200\n',
        "E-Mail\n 100 \n200\n",
        "name|Login\nAnn|100\nBo|200\n",
    ],
)
def test_columns_and_separators_are_recognised(tmp_path: Path, text: str) -> None:
    """Any usual spelling and separator is read. A mark, quotes and empty lines are no obstacle."""
    assert names(tmp_path, text.encode()) == [("100",), ("200",)]


USUAL = """
who, agent_id, Agent No., agent number, AgentName, Agent, ID, user_name, User, Login, LogonID, login-id, E-Mail,
email address, Mail, userId, User Principal Name, employee id, Employee, employee_name, Name, Full Name, display name
"""


def test_each_usual_column_is_read(tmp_path: Path) -> None:
    """A column of ids, user names, e-mails or names is enough."""
    for column in USUAL.replace("\n", " ").split(","):
        assert names(tmp_path, f"{column},shift\nAnn,late\nBo,early\n".encode()) == [("Ann",), ("Bo",)], column


def test_excels_unicode_text_is_read(tmp_path: Path) -> None:
    """UTF-16 with its mark, and tabs."""
    assert names(tmp_path, "name\tE-mail\nMüller\tm@acme.example\n".encode("utf-16")) == [("m@acme.example",)]


def test_all_usable_columns_are_read_the_best_first(tmp_path: Path) -> None:
    """The id comes before the user name and the e-mail. The order of columns does not matter."""
    data = b"email,user_name,agent id\na@x.example,ann,100\nb@x.example,,\n"
    assert names(tmp_path, data) == [("100", "ann", "a@x.example"), ("b@x.example",)]


def test_names_are_read_if_there_is_nothing_better(tmp_path: Path) -> None:
    """Full names are a last resort. Beside an id or an e-mail they are not compared."""
    assert names(tmp_path, b'Full Name;Team\n"Lee, Ann";Sales\nBo Ek;\n') == [("Lee, Ann",), ("Bo Ek",)]
    assert names(tmp_path, b"Name;E-Mail\nAnn;a@x.example\n") == [("a@x.example",)]
    for column in ("Name", "Agent Name", "employee_name", "Display-Name"):
        assert names(tmp_path, f"{column};Team\nAnn;Sales\n".encode()) == [("Ann",)], column


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("30000000002.0", "30000000002"),
        ("30000000002,00", "30000000002"),
        ("'30000000002", "30000000002"),
        ('="30000000002"', "30000000002"),
        ("Ann Lee <ann@acme.example>", "ann@acme.example"),
        ('"Lee, Ann" <ann@acme.example>', "ann@acme.example"),
        ("<ann@acme.example>", "ann@acme.example"),
    ],
)
def test_the_id_or_the_e_mail_in_a_text_is_read_too(tmp_path: Path, text: str, read: str) -> None:
    """Pandas writes ids as decimals, spreadsheets as texts, Outlook e-mails after names.

    The text itself comes first.
    """
    quoted = text.replace('"', '""')
    assert names(tmp_path, f'who,team\n"{quoted}",x\n'.encode()) == [(text, read)]


@pytest.mark.parametrize("text", ["30.000", "30,000", "2.5", "ann.0", "Ann <Lee>", "ann@acme.example>"])
def test_another_text_is_one_name(tmp_path: Path, text: str) -> None:
    """A thousands separator, a fraction and other brackets are left alone."""
    assert names(tmp_path, f"who|team\n{text}|x\n".encode()) == [(text,)]


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    """Empty lines and the line that tells the separator count."""
    path = tmp_path / "forty.csv"
    path.write_text("sep=,\nagent_id\n\n100\n")
    assert [one.line for one in read_expected(path)] == [4]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"agent_id\n", "names nobody"),
        (b"first,team\nAnn,Sales\n", "line 1: no column is known to have ids, user names, e-mails or names"),
        (
            b"first,team\nAnn,Sales\n",
            "; the columns are 'first', 'team'. Name one of them agent_id, user_name, email or name",
        ),
        (b"ann@acme.example\nbo@acme.example\n", "this one seems to be a person: 'ann@acme.example'. Put a line above"),
        (b"Lee, Ann\n100,200\n", "line 1: no column is known"),
        (b"30000000001\n30000000002\n", "this one seems to be a person: '30000000001'"),
        (b"agent_id,email,name\n100,,Ann\n,,Bo\n", "line 3: this line names nobody: it has no 'agent_id or email'"),
        (b"agent_id\n3.0E+10\n", "line 2: 3.0E+10 is an id that a spreadsheet has rounded"),
        (b"id;name\n3E+10;Ann\n", "Show the column as numbers without decimals"),
        (b"agent_id\n100,Lee, Ann\n", "line 2: this line has 3 fields, and the first line 1"),
        (b'agent_id\n"100\n', "this is no line of a table"),
        (b"agent_id\nM\xfcller\n", "line 2: this is not UTF-8 text; save it as CSV UTF-8"),
        (b"agent_id\n100\n2\x0000\n", "line 3: this is not text"),
        (b"PK\x03\x04\x14\x00", "is a workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is a workbook"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    """The error names the file, the line and what is wrong."""
    with pytest.raises(SettingError) as refused:
        names(tmp_path, data)
    assert "forty.csv" in str(refused.value)
    assert said in str(refused.value)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """A missing file has no people."""
    with pytest.raises(SettingError, match="cannot be read"):
        read_expected(tmp_path / "missing.csv")


@pytest.mark.thorough
def test_a_million_people_are_read(tmp_path: Path) -> None:
    """Each of a million lines is a person."""
    data = "agent_id,email\n" + "".join(f"{number},p{number}@acme.example\n" for number in range(1_000_000))
    assert len(names(tmp_path, data.encode())) == 1_000_000
