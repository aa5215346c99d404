"""The settings of a run: precedence, missing and malformed values."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxone_rollcall.config.definitions import SETTINGS
from cxone_rollcall.config.load import load
from cxone_rollcall.config.settings import Settings, resolve
from cxone_rollcall.config.sources import environment_source
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.instance import Instance
from cxone_rollcall.model.login import LoginKey
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import replace

FULL = {"CXONE_INSTANCE": "api.example.com", "CXONE_CLIENT_ID": "me", "CXONE_CLIENT_SECRET": "hunter2"}


def from_environment(**more: str) -> Settings:
    """Resolve a complete environment with `more` in it."""
    return resolve([environment_source({**FULL, **more}, Path("/work"))])


def refusal(environ: Mapping[str, str]) -> SettingError:
    """Return the error that an environment leads to."""
    with pytest.raises(SettingError) as caught:
        resolve([environment_source(environ, Path())])
    return caught.value


def test_a_login_belongs_to_an_instance_or_a_tenant() -> None:
    """The login's key has the instance's address. If only the tenant is known, it has the tenant."""
    settings = from_environment(CXONE_TENANT_ID="T1", CXONE_GRANT_TYPE="authorization_code")
    assert (settings.base_url, settings.login_key) == (
        "https://api.example.com",
        LoginKey("https://api.example.com", "me"),
    )
    without = replace(settings, instance=None)
    assert (without.base_url, without.login_key) == ("", LoginKey("tenant:t1", "me"))


def test_three_settings_are_enough() -> None:
    """Instance, client and secret are enough. The rest has defaults, and each value has a source."""
    settings = from_environment()
    assert settings == Settings(
        instance=Instance("https", "api.example.com"),
        contract="auto",
        grant_type="client_credentials",
        client_id="me",
        client_secret=Secret("hunter2"),
        access_key_id=None,
        access_key_secret=None,
        tenant_id=None,
        api_version=None,
        profile=None,
        ca_bundle=None,
        request_timeout=20.0,
        sources=settings.sources,
        hints=(),
    )
    assert dict(settings.sources) == {
        "instance": "environment",
        "client_id": "environment",
        "client_secret": "environment",
        "contract": "default",
        "grant_type": "default",
        "request_timeout": "default",
    }
    assert "hunter2" not in repr(settings)


def test_precedence_of_the_sources(tmp_path: Path) -> None:
    """Flags win over environment, .env and profile, in this order. A blank one is not set."""
    config = tmp_path / "config.toml"
    config.write_text(
        "[profiles.acme]\n"
        + "".join(f'{name} = "profile"\n' for name in ("client_id", "tenant_id", "access_key_id"))
        + 'api_version = "30"\n'
        + 'ca_bundle = "ca.pem"\ninstance = "api.example.com"\nclient_secret = "from profile"\n'
    )
    config.chmod(0o600)
    (tmp_path / "ca.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    cwd = tmp_path / "work"
    cwd.mkdir()
    (cwd / ".env").write_text("CXONE_CLIENT_ID=dotenv\nCXONE_TENANT_ID=dotenv\nCXONE_API_VERSION=v31.0\n")
    environ = {"CXONE_CLIENT_ID": "environment", "CXONE_TENANT_ID": "environment", "CXONE_API_VERSION": ' "" '}
    settings = load({"client_id": "flag", "tenant_id": " ", "contract": None}, environ, cwd, config)
    assert settings.client_id == "flag"
    assert settings.tenant_id == "environment"
    assert settings.api_version == "31"
    assert settings.access_key_id == "profile"
    assert settings.client_secret == Secret("from profile")
    assert settings.profile == "acme"
    assert settings.ca_bundle == tmp_path / "ca.pem"
    assert settings.sources["client_id"] == "--client-id"
    assert settings.sources["tenant_id"] == "environment"
    assert settings.sources["api_version"] == str(cwd / ".env")
    assert settings.sources["access_key_id"] == f"profile 'acme' in {config}"


def test_the_profile_is_chosen_by_the_strongest_source(tmp_path: Path) -> None:
    """--profile wins over CXONE_PROFILE, and that over the one in .env."""
    config = tmp_path / "config.toml"
    config.write_text("".join(f'[profiles.{name}]\ninstance = "{name}.example.com"\n' for name in "abc"))
    (tmp_path / ".env").write_text("CXONE_PROFILE=c\n")
    given_settings = {"client_id": "me", "grant_type": "authorization_code"}
    flagged = load({**given_settings, "profile": "a"}, {"CXONE_PROFILE": "b"}, tmp_path, config)
    assert (flagged.profile, str(flagged.instance)) == ("a", "a.example.com")
    assert load(given_settings, {"CXONE_PROFILE": "'b'"}, tmp_path, config).profile == "b"
    assert load(given_settings, {}, tmp_path, config).profile == "c"


def test_quotes_and_blanks_around_a_value_are_stripped() -> None:
    """Quotes around a value are removed, unless it is secret. `docker --env-file` keeps them."""
    settings = from_environment(
        CXONE_CLIENT_ID=' "me" ',
        CXONE_GRANT_TYPE="'Client-Credentials'",
        CXONE_CONTRACT="V2\n",
        CXONE_REQUEST_TIMEOUT='"2.5"',
    )
    assert settings.client_id == "me"
    assert settings.grant_type == "client_credentials"
    assert settings.contract == "v2"
    assert settings.request_timeout == 2.5


@hypothesis.settings(deadline=None)
@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\x00")) | st.text(st.sampled_from(" \"'=%+#$\\\t\r\né密")),
    st.sampled_from(["client_secret", "access_key_secret"]),
)
def test_secrets_are_never_altered(secret: str, name: str) -> None:
    """A secret is kept exactly; only a blank one is missing."""
    more = {"CXONE_GRANT_TYPE": "password", "CXONE_ACCESS_KEY_ID": "key", "CXONE_ACCESS_KEY_SECRET": "hunter2"}
    environ = FULL | (more if name == "access_key_secret" else {}) | {f"CXONE_{name.upper()}": secret}
    try:
        settings = resolve([environment_source(environ, Path())])
    except SettingError as error:
        assert not secret.strip("\"'" + "".join(filter(str.isspace, secret)))
        assert "set but blank" in str(error)
        return
    kept = getattr(settings, name)
    assert kept.reveal() == secret


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        ('"hunter2"', ["begins and ends with a quote"]),
        ("'hunter2'", ["begins and ends with a quote"]),
        (" hunter2", ["blank"]),
        ("hunter2\t\r\n", ["line break", "blank"]),
        ("'hunter2'\n", ["quote", "line break"]),
        ("your-client-secret", ["example"]),
        ("\"hunter2'", []),
        ("hunt er2=%+é", []),
    ],
)
def test_hints_about_suspicious_secrets(secret: str, words: list[str]) -> None:
    """Quotes, blanks and line breaks around a secret are kept. A hint names them."""
    hints = from_environment(CXONE_CLIENT_SECRET=secret).hints
    assert len(hints) == len(words)
    for hint, word in zip(hints, words, strict=True):
        assert hint.startswith("CXONE_CLIENT_SECRET (environment) ")
        assert word in hint
        assert "hunt" not in hint


def test_nothing_set_leads_to_the_demo_and_to_an_access_key() -> None:
    """With nothing set, the error names demo, `.env` and access key."""
    error = refusal({"PATH": "/bin"})
    assert "rollcall check --demo" in str(error)
    assert ".env" in str(error)
    assert error.example.split("\n") == [
        "CXONE_INSTANCE=api-us-01.nice-incontact.com",
        "CXONE_ACCESS_KEY_ID=your-access-key-id",
        "CXONE_ACCESS_KEY_SECRET=your-access-key-secret",
    ]


@pytest.mark.parametrize("logged_in", [True, False])
@pytest.mark.parametrize("place", [{"CXONE_INSTANCE": "h.example"}, {"CXONE_TENANT_ID": "t-1"}], ids=["host", "tenant"])
def test_a_client_without_a_secret_uses_the_login_of_a_user(place: dict[str, str], *, logged_in: bool) -> None:
    """After a user's login, a client without a secret needs no grant."""
    sources = [environment_source({**place, "CXONE_CLIENT_ID": "me"}, Path())]
    asked: list[LoginKey] = []

    def is_logged_in(key: LoginKey) -> bool:
        asked.append(key)
        return logged_in

    if logged_in:
        settings = resolve(sources, is_logged_in=is_logged_in)
        assert settings.grant_type == "authorization_code"
        assert settings.sources["grant_type"] == "a user has logged in"
    else:
        with pytest.raises(SettingError, match="rollcall auth login"):
            resolve(sources, is_logged_in=is_logged_in)
    assert asked == [LoginKey("https://h.example" if "CXONE_INSTANCE" in place else "tenant:t-1", "me")]


@pytest.mark.parametrize("more", [{"CXONE_CLIENT_SECRET": "s"}, {"CXONE_GRANT_TYPE": "client_credentials"}])
def test_a_secret_or_a_grant_needs_no_login(more: dict[str, str]) -> None:
    """With a secret or a grant set, logins are not looked up."""

    def is_logged_in(_: LoginKey) -> bool:
        raise AssertionError("logins are not looked up")

    sources = [environment_source({"CXONE_INSTANCE": "h.example", "CXONE_CLIENT_ID": "me", **more}, Path())]
    if "CXONE_CLIENT_SECRET" in more:
        assert resolve(sources, is_logged_in=is_logged_in).grant_type == "client_credentials"
    else:
        with pytest.raises(SettingError, match="CXONE_CLIENT_SECRET"):
            resolve(sources, is_logged_in=is_logged_in)


@pytest.mark.parametrize(
    ("grant", "needs"),
    [
        ("client_credentials", ["CXONE_INSTANCE", "CXONE_CLIENT_ID", "CXONE_CLIENT_SECRET"]),
        ("password", ["CXONE_INSTANCE", "CXONE_ACCESS_KEY_ID", "CXONE_ACCESS_KEY_SECRET"]),
        ("authorization_code", ["CXONE_INSTANCE", "CXONE_CLIENT_ID"]),
    ],
)
def test_what_each_grant_needs(grant: str, needs: list[str]) -> None:
    """Each grant has its own required settings; with exactly those it resolves."""
    error = refusal({"CXONE_GRANT_TYPE": grant})
    assert [line.partition("=")[0] for line in error.example.split("\n")] == needs
    assert "--demo" not in str(error)
    settings = resolve([environment_source({"CXONE_GRANT_TYPE": grant} | dict.fromkeys(needs, "x"), Path())])
    assert settings.grant_type == grant


@pytest.mark.parametrize("blank", ["", "  ", '""', "' '", "\t\n", "\u00a0"])
@pytest.mark.parametrize("name", FULL)
def test_a_blank_value_is_missing_and_called_blank(name: str, blank: str) -> None:
    """A blank value counts as unset. If it is required, the error says where it is blank."""
    error = refusal({**FULL, name: blank})
    assert f"{name} (it is set but blank in environment)" in str(error)
    assert error.example.startswith(f"{name}=")
    assert "hunter2" not in str(error)


@pytest.mark.parametrize(
    ("stray", "meant"),
    [
        ("CXONE_CLIENTID", "CXONE_CLIENT_ID"),
        ("cxone_client_id", "CXONE_CLIENT_ID"),
        ("CXONE_SECRET", "CXONE_CLIENT_SECRET"),
        ("CXONE_HOST", "CXONE_INSTANCE"),
        ("CXONE_BASE_URL", "CXONE_INSTANCE"),
        ("CXONE_URL", "CXONE_INSTANCE"),
        ("CXONE_SERVER", "CXONE_INSTANCE"),
        ("CXONE_DOMAIN", "CXONE_INSTANCE"),
        ("CXONE_ENDPOINT", "CXONE_INSTANCE"),
        ("CXONE_INSTANSE", "CXONE_INSTANCE"),
    ],
)
def test_misspelt_variables_are_recognised(stray: str, meant: str) -> None:
    """A similar variable is named, without its value, if ours is missing."""
    error = refusal({**{name: text for name, text in FULL.items() if name != meant}, stray: "hunter2"})
    assert f"{stray} is set (environment); did you mean {meant}?" in str(error)
    assert "hunter2" not in str(error)


def test_misspelt_optional_variables_are_hinted_at() -> None:
    """A misspelt optional setting becomes a hint; an unrelated variable is ignored."""
    settings = from_environment(CXONE_GRANTTYPE="password", CXONE_WALLBOARD="x", CXONE_CLIENTID="y")
    assert settings.hints == ("CXONE_GRANTTYPE is set (environment); did you mean CXONE_GRANT_TYPE?",)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("CXONE_GRANT_TYPE", "passwrd", "Did you mean 'password'?"),
        ("CXONE_GRANT_TYPE", "hunter2", "client_credentials, password, authorization_code"),
        ("CXONE_CONTRACT", "v3", "auto, v2, incontact"),
        ("CXONE_REQUEST_TIMEOUT", "20s", "seconds"),
        ("CXONE_REQUEST_TIMEOUT", "0.0", "above 0"),
        ("CXONE_REQUEST_TIMEOUT", "-1", "above 0"),
        ("CXONE_REQUEST_TIMEOUT", "nan", "seconds"),
        ("CXONE_REQUEST_TIMEOUT", "1e999", "seconds"),
        ("CXONE_CLIENT_ID", "a\x1bb", "U+001B"),
        ("CXONE_CLIENT_ID", "caf\udce9", "UTF-8"),
        ("CXONE_CLIENT_SECRET", "hunter2\udce9", "UTF-8"),
        ("CXONE_INSTANCE", "api.example.com\udce9", "UTF-8"),
        ("CXONE_INSTANCE", "ftp://api.example.com", "scheme"),
    ],
)
def test_malformed_values(name: str, text: str, words: str) -> None:
    """A malformed value is named with its source and an example. It is not repeated."""
    error = refusal({**FULL, name: text})
    assert words in str(error)
    assert str(error).startswith(f"{name} (environment) ")
    assert error.example.startswith(f"{name}=")
    assert text not in str(error) + error.example
    assert "hunter2" not in str(error)
    assert str(error).isprintable()


def test_incontact_is_a_known_contract() -> None:
    """Both contracts are valid settings."""
    assert from_environment(CXONE_CONTRACT="incontact").contract == "incontact"


def test_profiles_that_could_be_chosen_are_mentioned(tmp_path: Path) -> None:
    """If something is missing and no profile chosen, profiles are listed."""
    config = tmp_path / "config.toml"
    config.write_text("[profiles.acme]\n[profiles.beta]\n")
    with pytest.raises(SettingError, match=r"--profile: 'acme', 'beta'"):
        load({}, {}, tmp_path, config)


def test_a_named_config_must_exist(tmp_path: Path) -> None:
    """A missing config.toml is fine, unless ROLLCALL_CONFIG names it."""
    missing = tmp_path / "missing.toml"
    assert load({}, FULL, tmp_path, missing).client_id == "me"
    with pytest.raises(SettingError, match="ROLLCALL_CONFIG"):
        load({}, {**FULL, "ROLLCALL_CONFIG": str(missing)}, tmp_path, missing)


def test_the_ca_bundle_must_be_usable(tmp_path: Path) -> None:
    """CXONE_CA_BUNDLE must be a readable file of PEM certificates. Its path is relative to where it is set."""
    config = tmp_path / "config.toml"
    environ = {**FULL, "CXONE_CA_BUNDLE": "ca.pem"}
    with pytest.raises(SettingError, match="cannot be read") as caught:
        load({}, environ, tmp_path, config)
    assert "CXONE_CA_BUNDLE (environment)" in str(caught.value)
    (tmp_path / "ca.pem").write_bytes(b"0\x82\x03\x9a")
    with pytest.raises(SettingError, match="no PEM certificates"):
        load({}, environ, tmp_path, config)
    (tmp_path / "ca.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    assert load({}, environ, tmp_path, config).ca_bundle == tmp_path / "ca.pem"
    with pytest.raises(SettingError, match="cannot be read"):
        load({}, {**environ, "CXONE_CA_BUNDLE": str(tmp_path)}, tmp_path, config)


def test_the_docs_list_every_setting() -> None:
    """`docs/settings.md` lists every setting with its profile key and flag."""
    page = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
    for setting in SETTINGS:
        row = next(line for line in page.splitlines() if line.startswith(f"| `{setting.variable}` |"))
        assert (f"`{setting.name}`" in row) is (setting.name != "profile")
        assert (f"`{setting.flag}`" in row) is setting.has_flag


@pytest.mark.parametrize("said", ["newest", "34.1", "v", "-3", "1234"])
def test_api_version_is_a_number(said: str) -> None:
    """A version that is no number is refused, with an example."""
    with pytest.raises(SettingError) as refused:
        from_environment(CXONE_API_VERSION=said)
    assert "CXONE_API_VERSION" in str(refused.value)
    assert refused.value.example == "CXONE_API_VERSION=34"


KEY = {"CXONE_ACCESS_KEY_ID": "key", "CXONE_ACCESS_KEY_SECRET": "key-secret"}


@pytest.mark.parametrize(
    ("more", "grant"),
    [
        ({}, "client_credentials"),
        (KEY, "password"),
        ({**KEY, "CXONE_CONTRACT": "incontact"}, "password"),
        ({**KEY, "CXONE_CONTRACT": "v2"}, "client_credentials"),
        ({**KEY, "CXONE_GRANT_TYPE": "client_credentials"}, "client_credentials"),
        ({"CXONE_ACCESS_KEY_ID": "key"}, "client_credentials"),
    ],
)
def test_the_grant_that_the_credentials_are_for(more: dict[str, str], grant: str) -> None:
    """Without a grant type, an access key means the grant password. On v2 it does not."""
    assert from_environment(**more).grant_type == grant


def test_a_tenant_id_stands_in_for_the_instance() -> None:
    """With an access key a tenant id is enough, except on v2."""
    given_settings = {**KEY, "CXONE_CLIENT_ID": "me", "CXONE_CLIENT_SECRET": "hunter2", "CXONE_TENANT_ID": "11ed"}
    settings = resolve([environment_source(given_settings, Path())])
    assert (settings.instance, settings.tenant_id) == (None, "11ed")
    with pytest.raises(SettingError, match="CXONE_INSTANCE"):
        resolve([environment_source({**given_settings, "CXONE_CONTRACT": "v2"}, Path())])
