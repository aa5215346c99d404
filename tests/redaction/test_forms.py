"""Forms of secrets, and codes in texts: base64 and hex."""

from __future__ import annotations

import base64

import pytest
from tests.support.many_values import together

from cxone_rollcall.redaction.forms import LONGEST_WIDE, Codes, coded, encoded_texts_replaced, folded, forms


def encoded(text: str) -> str:
    """Return a text in base64."""
    return base64.b64encode(text.encode()).decode()


def test_all_forms_of_a_secret() -> None:
    """A secret's forms are itself, escaped, in hex and in base64.

    Base64 is alone, or behind one or two bytes.

    The bytes are UTF-8, the same with `+` for blanks, and UTF-16. Both alphabets of base64 count.
    """
    assert forms('Ab "\xe4+/') == {
        'ab+"\xe4+/',
        'ab+"\xc3\xa4+/'.lower(),
        'ab+\\"\\u00e4+/',
        "ab+&quot;\xe4+/",
        "ab%20%22%c3%a4%2b%2f",
        "ab%20%22%c3%a4%2b/",
        "ab+%22%c3%a4%2b%2f",
        "41622022c3a42b2f",
        "41622b22c3a42b2f",
        "4100620020002200e4002b002f00",
        "qwigisokky8",
        "qwigisokky",
        "fiicldpcsv",
        "byiaiw6qrl",
        "qwirisokky8",
        "qwirisokky",
        "fikyldpcsv",
        "byisiw6qrl",
        "qqbiacaaigdkacsalwa",
        "qqbiacaaigdkacsalw",
        "eaygagacia5aarac8a",
        "bagiaiaaiaoqakwava",
    }


def test_forms_in_either_alphabet() -> None:
    """Both alphabets of base64 are forms."""
    assert {"pz4/pj8+pg", "pz4_pj8-pg"} <= forms("?>?>?>>")


def test_the_shortest_forms() -> None:
    """A part of base64 has eight characters. No form has fewer than four."""
    assert "fiy2rlzm" in forms("abcdefg")
    assert "bc%20" in forms("bc%20")
    assert "bc+" not in forms("bc%20")


@pytest.mark.parametrize(("length", "is_searched"), [(LONGEST_WIDE, True), (LONGEST_WIDE + 1, False)])
def test_long_secrets_in_utf_16(length: int, is_searched: bool) -> None:
    """Only secrets up to `LONGEST_WIDE` characters are searched for in UTF-16."""
    wide = base64.b64encode(("x" * length).encode("utf-16-le")).decode().rstrip("=").lower()
    assert (wide in forms("x" * length)) is is_searched


def test_a_secret_that_is_no_utf_8() -> None:
    """A secret of undecodable bytes has the forms of its bytes.

    Python reads such bytes of the environment as lone surrogates."""
    assert {"pa\xe4sword", "pa%e4sword", "7061e473776f7264", "cghlc3dvcmq"} & forms("pa\udce4sword") == {
        "pa\xe4sword",
        "pa%e4sword",
        "7061e473776f7264",
    }


def test_comparison_of_texts() -> None:
    """Texts are compared in small letters, with `+` for blanks. Their length stays the same."""
    assert folded("A \u0130b\xc4+") == "a+\u0130b\xe4+"


CODED = {
    "nothing here": [],
    "on 2026-12-03 at 09:30:00": [],
    "MAC 61-62-63-64; 61:62:63; 0x61, 0x62, 0x63; 161-62-63-64-6": [(4, 15, "abcd")],
    f"[{b'abcd'.hex(' ')}] {', '.join(f'0x{byte:02x}' for byte in b'abcd')}": [(1, 12, "abcd"), (14, 36, "abcd")],
    base64.encodebytes(b"a % c " * 10).decode(): [(0, 81, "a % c " * 10), (0, 76, "a % c " * 9 + "a %")],
    f"x {encoded('abcdef%41gh')} y": [(2, 17, "abcdef%41gh")],
    f"{encoded('abc-def&41;gh')}": [(0, 18, "abc-def&41;gh")],
    f"{encoded(encoded('a secret text'))}": [(0, 27, encoded("a secret text"))],
    f"{b'abcde%'.hex()} {b'abcd%e'.hex().upper()}": [(0, 12, "abcde%"), (13, 25, "abcd%e")],
    f"{b'abcd%'.hex()}": [],
    f"{encoded('plain text')}": [],
    "Pz4_Pj9-fiU": [],
    "Pz4_Pj9-fiU_": [(0, 12, "?>?>?~~%?")],
    "YWJjP2M_ZGUl": [(0, 12, "abc?c?de%")],
    "YWI-PmM-ZGUl": [(0, 12, "ab>>c>de%")],
}


@together("text", list(CODED))
def test_codes_to_look_into(text: str) -> None:
    """A code is decoded if it hides escapes or another code. One of fewer than 12 characters is not."""
    assert list(coded(text)) == CODED[text]


def shouted(text: str) -> str:
    """Return a text with `ann` replaced."""
    return text.replace("ann", "ANN")


REPLACED = {
    f"a {encoded('an')} b": f"a {encoded('an')} b",
    f"a {encoded('ann')} b": f"a {encoded('ann')} b",
    f"a {encoded('anna')} b": f"a {encoded('ANNa').rstrip('=')}== b",
    f"a {b'ann'.hex()} b": f"a {b'ANN'.hex()} b",
    f"a {b'ann!'.hex().upper()} b": f"a {b'ANN!'.hex()} b",
    encoded("ann\n"): encoded("ANN\n"),
    encoded("\tann \r\n ann"): encoded("\tANN \r\n ANN"),
    encoded("?>?>ann"): "Pz4_PkFOTg==",
    encoded("annabW"): "QU5OYWJX",
    encoded("ann\0ann"): encoded("ann\0ann"),
    encoded("somebody else"): encoded("somebody else"),
    "ann and annann": "ann and annann",
    f"/{encoded('ann!')}/photo-{b'annx'.hex()}.png": "/QU5OIQ==/photo-" + b"ANNx".hex() + ".png",
    base64.encodebytes(b"ann0x" * 20).decode().strip(): encoded("ANN0x" * 20),
    f"at {b'annx'.hex('-')}": f"at {b'ANNx'.hex()}",
    base64.b64encode("annu\xe4".encode("utf-16-le")).decode(): encoded("ANNu\xe4").rstrip("=") + "==",
    f"({'annx'.encode('utf-16-be').hex()})": f"({b'ANNx'.hex()})",
}


@together("text", list(REPLACED))
def test_replacements_within_codes(text: str) -> None:
    """A readable text in a code is changed and encoded again. A code of fewer than 6 characters is none."""
    assert encoded_texts_replaced(text, shouted) == REPLACED[text]


def test_half_of_a_pair_in_a_code() -> None:
    """A lone surrogate is encoded as its escape."""
    assert encoded_texts_replaced(encoded("half of"), lambda _: "half \ud800") == "aGFsZiBcdWQ4MDA=="
    assert encoded_texts_replaced(b"half".hex(), lambda _: "\ud800") == b"\\ud800".hex()


def test_each_code_is_read_once() -> None:
    """What is found in a code is remembered. Codes of more than ten times the text are not read."""
    read: list[str] = []

    def found_in(inner: str) -> int:
        read.append(inner)
        return len(inner)

    codes = Codes("text", unread=-1)
    texts = ["a" * 30, "b" * 10, "a" * 30, "c", "b" * 10]
    assert [codes.read(inner, found_in) for inner in texts] == [30, 10, 30, -1, 10]
    assert read == texts[:2]
