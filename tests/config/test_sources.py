"""`.env`, `config.toml` and the choice of a profile."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxone_rollcall.config.definitions import BY_NAME
from cxone_rollcall.config.load import config_path
from cxone_rollcall.config.profiles import ProfileFile, chosen_profile, read_profiles
from cxone_rollcall.config.sources import Source, Sourced, dotenv_source, environment_source, flag_sources
from cxone_rollcall.errors import SettingError


def dotenv(folder: Path, data: bytes | str) -> Mapping[str, str]:
    """Return what a `.env` of these bytes sets."""
    path = folder / ".env"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    path.chmod(0o600)
    return dotenv_source(path).values


def test_dotenv_format(tmp_path: Path) -> None:
    """Quotes, escapes, `export` and comments follow the .env format, without expansion."""
    values = dotenv(
        tmp_path,
        "# mine\nexport CXONE_INSTANCE=api.example.com # theirs\r\n"
        "CXONE_CLIENT_SECRET=\"a'b=c%d+e ${HOME}\r\n\\\"f\"\nCXONE_CLIENT_ID='x'\nOTHER=1\nCXONE_TENANT_ID\n",
    )
    assert values == {
        "instance": "api.example.com",
        "client_secret": "a'b=c%d+e ${HOME}\r\n\"f",
        "client_id": "x",
        "tenant_id": "",
    }


def test_dotenv_with_byte_order_mark(tmp_path: Path) -> None:
    """A byte order mark, from Windows editors, is skipped."""
    assert dotenv(tmp_path, "\ufeffCXONE_CLIENT_ID=x\n") == {"client_id": "x"}


@hypothesis.settings(deadline=None)
@given(secret=st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00"), min_size=1))
def test_dotenv_keeps_secrets(tmp_path_factory: pytest.TempPathFactory, secret: str) -> None:
    """A secret in single quotes is read unchanged from a .env."""
    quoted = secret.replace("\\", "\\\\").replace("'", "\\'")
    assert dotenv(tmp_path_factory.getbasetemp(), f"CXONE_CLIENT_SECRET='{quoted}'\n") == {"client_secret": secret}


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b'A=1\n\n\nCXONE_CLIENT_SECRET="hunter2\n', "line 4"),
        (b"CXONE_CLIENT_SECRET='hunter2'x\n", "line 1"),
        (b"A=1\r\n\r\nCXONE_CLIENT_SECRET 'hunter2'\r\n", "line 3"),
        (b"\nA=1\nCXONE_CLIENT_SECRET=hunter2\xff\n", "line 3"),
        ("CXONE_CLIENT_SECRET=hunter2".encode("utf-16"), "line 1"),
    ],
)
def test_malformed_dotenv(tmp_path: Path, data: bytes, line: str) -> None:
    """A malformed .env is an error with file and line, unquoted."""
    with pytest.raises(SettingError) as caught:
        dotenv(tmp_path, data)
    assert line in str(caught.value)
    assert str(tmp_path / ".env") in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_no_dotenv(tmp_path: Path) -> None:
    """A missing .env, or a folder of that name, sets nothing."""
    assert dotenv_source(tmp_path / ".env").values == {}
    (tmp_path / ".env").mkdir()
    assert dotenv_source(tmp_path / ".env").values == {}


def test_flags_never_carry_a_secret() -> None:
    """Secrets have no flag: passing one to the settings is a ValueError."""
    with pytest.raises(ValueError, match=r"^no flag sets client_secret, colour$"):
        flag_sources({"client_secret": "hunter2", "colour": None, "client_id": "me"})


def test_reprs_hide_values() -> None:
    """The reprs of sources, values and profiles show no value."""
    source = environment_source({"CXONE_CLIENT_SECRET": "hunter2"}, Path())
    assert "hunter2" not in repr(source) + repr(Sourced(BY_NAME["client_secret"], "hunter2", source))
    assert "hunter2" not in repr(ProfileFile(Path("c"), {"acme": {"client_secret": "hunter2"}}))


def profiles(folder: Path, data: bytes | str, mode: int = 0o600) -> ProfileFile:
    """Return the profiles of a `config.toml` of these bytes."""
    path = folder / "config.toml"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    path.chmod(mode)
    return read_profiles(path)


TWO = """
[profiles.acme]
instance = "acme.example.com"
client_secret = "hunter2"
request_timeout = 7.5
[profiles.beta]
instance = "beta.example.com"
"""


def chosen(file: ProfileFile, name: str | None = None) -> Source | None:
    """Return the profile that is chosen when the environment names `name`."""
    source = Source(label="environment", group="session", values={})
    return chosen_profile(file, None if name is None else Sourced(BY_NAME["profile"], name, source))


def test_the_named_the_default_or_the_only_profile_is_chosen(tmp_path: Path) -> None:
    """The named profile wins, then the default, then the only one. Of several without a choice none is taken."""
    two = profiles(tmp_path, TWO)
    assert chosen(two) is None
    acme = chosen(two, "acme")
    assert acme is not None
    assert acme.values == {
        "profile": "acme",
        "instance": "acme.example.com",
        "client_secret": "hunter2",
        "request_timeout": "7.5",
    }
    assert acme.label == f"profile 'acme' in {tmp_path / 'config.toml'}"
    with_default = profiles(tmp_path, 'default_profile = "beta"\n' + TWO)
    default = chosen(with_default)
    assert default is not None
    assert default.values["profile"] == "beta"
    named = chosen(with_default, "acme")
    assert named is not None
    assert named.values["profile"] == "acme"
    alone = chosen(profiles(tmp_path, '\ufeff[profiles.solo]\ncontract = "v2"\n'))
    assert alone is not None
    assert alone.values["profile"] == "solo"
    assert chosen(profiles(tmp_path, "")) is None
    assert chosen(profiles(tmp_path, 'default_profile = " "')) is None


def test_an_unknown_profile_lists_the_known_ones(tmp_path: Path) -> None:
    """An unknown profile is an error that lists the known ones."""
    with pytest.raises(SettingError) as caught:
        chosen(profiles(tmp_path, TWO), "acne")
    message = str(caught.value)
    assert "CXONE_PROFILE (environment)" in message
    assert "'acme', 'beta'" in message
    assert "Did you mean 'acme'?" in message
    with pytest.raises(SettingError, match="default_profile in"):
        chosen(profiles(tmp_path, 'default_profile = "gone"\n' + TWO))
    with pytest.raises(SettingError, match="it has no profiles") as none:
        chosen(read_profiles(tmp_path / "missing.toml"), "acme")
    assert none.value.example.startswith("[profiles.acme]")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[profiles.acme]\nclientid = "x"', "unknown key 'clientid'. Did you mean 'client_id'?"),
        ('[profiles.acme]\nprofile = "x"', "unknown key 'profile'"),
        ("[profiles.acme]\nclient_secret = 5551234", "client_secret of profile 'acme'"),
        ("[profiles.acme]\nrequest_timeout = true", "must be text"),
        ('instance = "x"\n[profiles.acme]', "unknown top-level key 'instance'"),
        ('default-profile = "x"', "Did you mean 'default_profile'?"),
        ("default_profile = 1", "default_profile"),
        ("profiles = 1", "must be tables"),
        ("profiles.acme = 1", "must be tables"),
        ("[profiles.acme]\nclient_secret = hunter2", "line 2"),
        ('[profiles.acme]\nclient_secret = "hunter2', "not valid TOML"),
        ("x = " + "[" * 20000, "not valid TOML"),
        ("x = " + "1" * 5000, "not valid TOML"),
    ],
)
def test_malformed_config(tmp_path: Path, text: str, words: str) -> None:
    """An error in config.toml names the file and the nearest right name. Values are not repeated."""
    with pytest.raises(SettingError) as caught:
        chosen(profiles(tmp_path, text))
    assert words in str(caught.value)
    assert str(tmp_path / "config.toml") in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "5551234" not in str(caught.value)


def test_config_in_another_encoding(tmp_path: Path) -> None:
    """A config.toml that is not UTF-8 is an error with the line."""
    with pytest.raises(SettingError, match="line 2"):
        profiles(tmp_path, b'[profiles.acme]\nclient_id = "\xff"\n')


@pytest.mark.skipif(os.name != "posix", reason="file modes are a POSIX matter")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o601])
def test_a_secret_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    """Only the user may read a config.toml with a secret. The error has the command to fix it."""
    with pytest.raises(SettingError) as caught:
        profiles(tmp_path, TWO, mode)
    assert caught.value.example == f"chmod 600 {tmp_path / 'config.toml'}"
    assert "hunter2" not in str(caught.value)
    assert profiles(tmp_path, TWO, 0o400).profiles
    assert profiles(tmp_path, '[profiles.acme]\nclient_id = "x"\nclient_secret = ""\n', mode).profiles


def test_unreadable_files(tmp_path: Path) -> None:
    """A config.toml that is no file is an error, not empty."""
    with pytest.raises(SettingError, match="cannot be read"):
        read_profiles(tmp_path)


def test_where_the_config_is() -> None:
    """ROLLCALL_CONFIG names config.toml. Without it, or blank, it is in the user's folder."""
    assert config_path({"ROLLCALL_CONFIG": ' "/somewhere/c.toml" '}) == Path("/somewhere/c.toml")
    assert config_path({"ROLLCALL_CONFIG": "~/c.toml"}) == Path("~/c.toml").expanduser()
    assert config_path({"ROLLCALL_CONFIG": " "}) == config_path({})
    assert config_path({}).parts[-2:] == ("rollcall", "config.toml")
