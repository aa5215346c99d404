"""A secret goes only to the instance that was set beside it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from pathlib import Path

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxone_rollcall.config.load import load
from cxone_rollcall.config.settings import Settings, resolve
from cxone_rollcall.config.sources import Group, Source, environment_source, flag_sources
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.secret import Secret

GROUPS: tuple[Group, ...] = ("session", "dotenv", "profile")
HOSTS = ("one.example.com", "two.example.com")


def place(group: Group, values: Mapping[str, str]) -> Source:
    """Return the one source of a group."""
    return Source(label=f"the {group}", group=group, values=values)


def resolved(**values: Mapping[str, str]) -> Settings:
    """Resolve what each group sets; the client's id is there anyway."""
    sources = [place(group, values.get(group, {})) for group in GROUPS]
    return resolve([place("session", {"client_id": "me"}), *sources])


def refused(**values: Mapping[str, str]) -> SettingError:
    """Return the refusal that these sources lead to."""
    with pytest.raises(SettingError) as caught:
        resolved(**values)
    assert "hunter2" not in str(caught.value) + caught.value.example
    return caught.value


ONE = {"instance": HOSTS[0]}
TWO = {"instance": HOSTS[1]}
SECRET = {"client_secret": "hunter2"}


@pytest.mark.parametrize("group", GROUPS)
def test_set_together_they_go_together(group: Group) -> None:
    """An instance and a secret of one place belong together."""
    assert resolved(**{group: ONE | SECRET}).client_secret == Secret("hunter2")


@pytest.mark.parametrize(("of_instance", "of_secret"), [pair for pair in product(GROUPS, GROUPS) if pair[0] != pair[1]])
def test_set_apart_they_are_refused(of_instance: Group, of_secret: Group) -> None:
    """A secret is not sent to an instance of another source."""
    error = refused(**{of_instance: ONE, of_secret: SECRET})
    assert f"CXONE_CLIENT_SECRET (the {of_secret}) is not sent to https://{HOSTS[0]} (the {of_instance})" in str(error)
    assert error.example == f"CXONE_INSTANCE=https://{HOSTS[0]}\nCXONE_CLIENT_SECRET=your-client-secret"


def test_a_dotenv_cannot_lead_a_stored_secret_away() -> None:
    """An instance in a .env never receives a profile's secret."""
    assert f"set beside https://{HOSTS[1]}" in str(refused(dotenv=ONE, profile=TWO | SECRET))


def test_a_dotenv_cannot_lead_the_sessions_secret_away() -> None:
    """An instance in a .env never receives a secret of the environment."""
    assert "beside no instance" in str(refused(session=SECRET, dotenv=ONE))


def test_the_same_instance_named_twice_is_one() -> None:
    """A secret is sent if its place names the same instance. Spelling makes no difference."""
    written_otherwise = {"instance": f"HTTPS://{HOSTS[0].upper()}:443/"}
    assert resolved(session=ONE, profile=written_otherwise | SECRET).client_secret == Secret("hunter2")
    assert resolved(session=ONE, dotenv=written_otherwise | SECRET).client_secret == Secret("hunter2")


@pytest.mark.parametrize(
    ("session", "profile"),
    [
        (HOSTS[0], f"{HOSTS[0]}:8443"),
        ("127.0.0.1", "https://127.0.0.1"),
        ("localhost", "127.0.0.1"),
        ("localhost:1", "localhost:2"),
    ],
)
def test_another_port_or_scheme_is_another_instance(session: str, profile: str) -> None:
    """Another port, scheme or host name is another instance."""
    refused(session={"instance": session}, profile={"instance": profile} | SECRET)


def test_a_malformed_instance_beside_the_secret_is_named() -> None:
    """If the secret's own instance is malformed, the error says so."""
    error = refused(session=ONE, profile={"instance": "ftp://x"} | SECRET)
    assert str(error).startswith("CXONE_INSTANCE (the profile) has a scheme")


def test_a_blank_secret_does_not_fall_through_to_a_stored_one() -> None:
    """A blank secret beside the instance is not replaced by another's."""
    refused(session=ONE | {"client_secret": '""'}, profile=TWO | SECRET)


def test_flags_and_environment_are_one_place(tmp_path: Path) -> None:
    """`--instance` may use a secret from the environment. Both come from the same user."""
    environ = {"CXONE_INSTANCE": HOSTS[1], "CXONE_CLIENT_ID": "me", "CXONE_CLIENT_SECRET": "hunter2"}
    sources = [*flag_sources({"instance": HOSTS[0]}), environment_source(environ, tmp_path)]
    assert str(resolve(sources).instance) == HOSTS[0]


def test_the_access_key_is_guarded_too() -> None:
    """The access key's secret follows the same rule."""
    password = {"grant_type": "password", "access_key_id": "key"}
    error = refused(session=password | ONE, profile=TWO | {"access_key_secret": "hunter2"})
    assert str(error).startswith("CXONE_ACCESS_KEY_SECRET (the profile) is not sent")
    beside = resolved(session=password | ONE | {"access_key_secret": "hunter2"})
    assert beside.access_key_secret is not None


def test_an_optional_secret_is_guarded_too() -> None:
    """An optional client secret is not sent elsewhere. Nor is it silently left out."""
    key = {"grant_type": "password", "access_key_id": "key", "access_key_secret": "k"}
    refused(session=key | ONE, profile=TWO | SECRET)
    refused(session={"grant_type": "authorization_code"} | ONE, profile=TWO | SECRET)


def test_a_secret_that_the_grant_does_not_use_is_left_out() -> None:
    """An unused access key from another place is not sent. It is no error."""
    settings = resolved(session=ONE | SECRET, profile=TWO | {"access_key_secret": "hunter2"})
    assert settings.access_key_secret is None
    assert "access_key_secret" not in settings.sources


def test_through_the_files(tmp_path: Path) -> None:
    """A .env with another instance does not get a profile's secret."""
    config = tmp_path / "config.toml"
    config.write_text(f'[profiles.acme]\ninstance = "{HOSTS[0]}"\nclient_id = "me"\nclient_secret = "hunter2"\n')
    config.chmod(0o600)
    assert str(load({}, {}, tmp_path, config).instance) == HOSTS[0]
    (tmp_path / ".env").write_text(f"CXONE_INSTANCE={HOSTS[1]}\nCXONE_PROFILE=acme\n")
    with pytest.raises(SettingError, match=r"is not sent to https://two\.example\.com") as caught:
        load({}, {}, tmp_path, config)
    assert str(tmp_path / ".env") in str(caught.value)
    assert f"profile 'acme' in {config}" in str(caught.value)


INSTANCES = st.sampled_from(["", " ", *HOSTS, f"https://{HOSTS[0]}/", "bad host"])
SECRETS = st.sampled_from(["", "''", "hunter2"])
PLACES = st.fixed_dictionaries(
    {}, optional={"instance": INSTANCES, "client_secret": SECRETS, "access_key_secret": SECRETS}
)


@hypothesis.settings(deadline=None)
@given(
    session=PLACES,
    dotenv=PLACES,
    profile=PLACES,
    grant=st.sampled_from(["client_credentials", "password", "authorization_code"]),
)
def test_no_combination_leads_a_secret_away(
    session: dict[str, str], dotenv: dict[str, str], profile: dict[str, str], grant: str
) -> None:
    """A resolved secret's place always names the resolved instance. This holds for any settings."""
    places = {"session": session, "dotenv": dotenv, "profile": profile}
    for name, values in places.items():
        for key in ("client_secret", "access_key_secret"):
            if values.get(key) == "hunter2":
                values[key] = f"hunter2 {key} of {name}"
    ids = {"grant_type": grant, "client_id": "me", "access_key_id": "key"}
    try:
        settings = resolve([place("session", ids), *(place(group, places[group]) for group in GROUPS)])
    except SettingError as error:
        assert "hunter2" not in str(error) + error.example
        return
    for secret in (settings.client_secret, settings.access_key_secret):
        if secret is not None:
            beside = places[secret.reveal().split()[-1]]
            assert str(settings.instance) in beside["instance"]
