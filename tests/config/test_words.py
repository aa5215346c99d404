"""The words about each mistake in the settings are those of `words.txt`.

After a change that is meant, delete the file and run this test, which writes it anew. Read the difference before you
commit it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.support.written import assert_as_written

from cxone_rollcall.config.load import load
from cxone_rollcall.errors import SettingError

WRITTEN = Path(__file__).with_name("words.txt")
WHOLE = {"CXONE_INSTANCE": "h.example", "CXONE_CLIENT_ID": "me", "CXONE_CLIENT_SECRET": "hunter22"}
ACME = '[profiles.acme]\ninstance = "h.example"\nclient_id = "me"\nclient_secret = "hunter22"\n'

Case = tuple[Mapping[str, str], Mapping[str, str], str, str]
CASES: dict[str, Case] = {
    "nothing": ({}, {}, "", ""),
    "nothing but a stray": ({}, {"CXONE_HOST": "x"}, "", ""),
    "two profiles": ({}, {}, "", ACME + ACME.replace("acme", "beta")),
    "no instance": ({}, {"CXONE_CLIENT_ID": "me", "CXONE_CLIENT_SECRET": "hunter22"}, "", ""),
    "nothing but an instance": ({"instance": "h.example"}, {}, "", ""),
    "no secret, misspelt": (
        {},
        {"CXONE_INSTANCE": "h.example", "CXONE_CLIENT_ID": "me", "CXONE_CLIENTSECRET": "x"},
        "",
        "",
    ),
    "a file's variable in .env": (
        {},
        {"CXONE_INSTANCE": "h.example", "CXONE_CLIENT_ID": "me"},
        "CXONE_CLIENT_SECRET_FILE=/x\n",
        "",
    ),
    "misspelt file": (
        {},
        {"CXONE_INSTANCE": "h.example", "CXONE_CLIENT_ID": "me", "CXONE_CLIENTSECRET_FILE": "/x"},
        "",
        "",
    ),
    "profiles to choose": ({}, {"CXONE_CLIENT_ID": "me"}, "", ACME + ACME.replace("acme", "beta")),
    "contract": ({}, {**WHOLE, "CXONE_CONTRACT": "v3"}, "", ""),
    "grant": ({}, {**WHOLE, "CXONE_GRANT_TYPE": "passwort"}, "", ""),
    "grant for v2": ({}, {**WHOLE, "CXONE_GRANT_TYPE": "password", "CXONE_CONTRACT": "v2"}, "", ""),
    "version": ({}, {**WHOLE, "CXONE_API_VERSION": "v3x"}, "", ""),
    "timeout": ({}, {**WHOLE, "CXONE_REQUEST_TIMEOUT": "0"}, "", ""),
    "timeout nan": ({}, {**WHOLE, "CXONE_REQUEST_TIMEOUT": "nan"}, "", ""),
    "timeout word": ({}, {**WHOLE, "CXONE_REQUEST_TIMEOUT": "soon"}, "", ""),
    "control": (
        {},
        {"CXONE_INSTANCE": "h.example", "CXONE_CLIENT_ID": "m\x07e", "CXONE_CLIENT_SECRET": "hunter22"},
        "",
        "",
    ),
    "surrogate": (
        {},
        {"CXONE_INSTANCE": "h.example", "CXONE_CLIENT_ID": "m\udce4e", "CXONE_CLIENT_SECRET": "hunter22"},
        "",
        "",
    ),
    "instance elsewhere": ({"instance": "other.example"}, {}, "", ACME),
    "instance of .env, secret of profile": ({}, {}, "CXONE_INSTANCE=other.example\n", ACME),
    "secret beside none": ({"instance": "other.example"}, {}, "CXONE_CLIENT_ID=me\nCXONE_CLIENT_SECRET=hunter22\n", ""),
    "bundle of .env": ({}, WHOLE, "CXONE_CA_BUNDLE=/x.pem\n", ""),
    "bundle of .env, login": (
        {},
        {"CXONE_INSTANCE": "h.example", "CXONE_CLIENT_ID": "me", "CXONE_GRANT_TYPE": "authorization_code"},
        "CXONE_CA_BUNDLE=/x.pem\n",
        "",
    ),
    "bundle missing": ({}, {**WHOLE, "CXONE_CA_BUNDLE": "/nowhere.pem"}, "", ""),
    "bundle empty": ({}, {**WHOLE, "CXONE_CA_BUNDLE": ".env"}, "A=1\n", ""),
    "both": ({}, {**WHOLE, "CXONE_CLIENT_SECRET_FILE": "x"}, "", ""),
    "no file": ({}, {"CXONE_CLIENT_SECRET_FILE": "hunter22"}, "", ""),
    "folder": ({}, {"CXONE_CLIENT_SECRET_FILE": "."}, "", ""),
    "unknown profile": ({"profile": "acmi"}, {}, "", ACME),
    "no profiles": ({}, {"CXONE_PROFILE": "acme"}, "", ""),
    "default unknown": ({}, {}, "", 'default_profile = "acmi"\n' + ACME),
    "profile key": ({}, {}, "", ACME + 'client = "x"\n'),
    "profile type": ({}, {}, "", ACME + "contract = 7\n"),
    "timeout bool": ({}, {}, "", ACME + "request_timeout = true\n"),
    "top key": ({}, {}, "", 'profile = "x"\n'),
    "profiles no table": ({}, {}, "", "profiles = 1\n"),
    "profile no table": ({}, {}, "", "profiles.a = 1\n"),
    "default no text": ({}, {}, "", "default_profile = 1\n"),
    "groups no table": ({}, {}, "", "groups = 1\n"),
    "group near": ({}, {}, "", '[groups]\nBreak = "aftercontact"\n'),
    "group far": ({}, {}, "", '[groups]\nBreak = "zzz"\n'),
    "group no text": ({}, {}, "", "[groups]\nBreak = 1\n"),
}
"""Flags, environment, `.env` and `config.toml` with a mistake."""


@pytest.mark.skipif(os.name != "posix", reason="other systems word their own errors otherwise")
def test_words_are_as_written(tmp_path: Path) -> None:
    """Each mistake has the words that `words.txt` has for it. They have no secret."""
    lines = []
    for number, (name, (flags, environ, dotenv, config)) in enumerate(CASES.items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        for file, text in ((".env", dotenv), ("config.toml", config)):
            (folder / file).write_text(text, encoding="utf-8")
            (folder / file).chmod(0o600)
        with pytest.raises(SettingError) as refused:
            load(flags, environ, folder, folder / "config.toml")
        said = "\n    ".join((str(refused.value), *refused.value.example.splitlines())).replace(str(folder), "HERE")
        assert "hunter" not in said
        lines.append(f"{name}\n    {said}\n\n")
    assert_as_written(WRITTEN, "".join(lines))
