"""What a message about settings says, and what it does not say."""

import json
from pathlib import Path

import pytest

from cxone_rollcall.cli.main import run
from cxone_rollcall.config.load import load
from cxone_rollcall.config.settings import resolve
from cxone_rollcall.config.sources import Source, environment_source, flag_sources
from cxone_rollcall.errors import SettingError
from cxone_rollcall.target import target_of


def refusal(sources: list[Source]) -> str:
    """Return what is missing, in words."""
    with pytest.raises(SettingError) as refused:
        resolve(sources)
    return str(refused.value)


def test_an_unset_flag_is_not_blank() -> None:
    """Only a flag that was typed can be blank. One that was not typed is not named."""
    here = Path()
    environment = environment_source({"CXONE_CLIENT_ID": " "}, here)
    unset = refusal([*flag_sources({"instance": None, "client_id": None}), environment])
    assert "CXONE_INSTANCE (it is set but blank" not in unset
    assert "CXONE_CLIENT_ID (it is set but blank in environment)" in unset
    typed = refusal([*flag_sources({"instance": "", "client_id": None}), environment])
    assert "CXONE_INSTANCE (it is set but blank in --instance)" in typed
    assert "--client-id" not in typed


def test_the_login_hint_is_for_users_without_a_secret(tmp_path: Path) -> None:
    """A user without secret and grant learns that a login needs none. No other user gets this hint."""
    hint = "rollcall auth login"
    whole = {"CXONE_INSTANCE": "h.example", "CXONE_CLIENT_ID": "me"}
    for environment, hinted in (
        (whole, True),
        ({"CXONE_INSTANCE": "h.example", "CXONE_CLIENT_SECRET": "hunter2"}, False),
        (whole | {"CXONE_GRANT_TYPE": "client_credentials"}, True),
        (whole | {"CXONE_ACCESS_KEY_ID": "key"}, False),
    ):
        with pytest.raises(SettingError) as refused:
            load({}, environment, tmp_path, tmp_path / "config.toml")
        assert (hint in str(refused.value)) == hinted, environment


def test_the_example_stands_where_the_value_does(tmp_path: Path) -> None:
    """A wrong value is corrected in its own place."""
    config = tmp_path / "config.toml"
    config.write_text('[profiles."acme eu"]\ncontract = "v3"\n', "utf-8")
    for flags, environment, example in (
        ({"contract": "v3"}, {}, "--contract v2"),
        ({}, {"CXONE_CONTRACT": "v3"}, "CXONE_CONTRACT=v2"),
        ({}, {}, 'contract = "v2"'),
        ({"profile": "acme"}, {}, "--profile 'acme eu'"),
        ({}, {"CXONE_PROFILE": "nothing like it"}, "CXONE_PROFILE='acme eu'"),
    ):
        with pytest.raises(SettingError) as refused:
            load(flags, {"CXONE_INSTANCE": "h.example", "CXONE_CLIENT_ID": "me", **environment}, tmp_path, config)
        assert refused.value.example == example


def test_a_profile_names_no_other_tenant(tmp_path: Path) -> None:
    """A profile's name is no name of another tenant."""
    config = tmp_path / "config.toml"
    config.write_text('[profiles.acme]\ninstance = "acme.example"\nclient_id = "me"\n', "utf-8")
    session = {"CXONE_CLIENT_ID": "me", "CXONE_CLIENT_SECRET": "hunter2"}
    for instance, title in (("acme.example", "acme"), ("other.example", "other.example")):
        target = target_of(load({}, {**session, "CXONE_INSTANCE": instance}, tmp_path, config))
        assert (target.profile, target.title) == ("acme", title)


@pytest.mark.parametrize("contract", ["v2", "incontact"])
def test_a_team_that_is_not_there(contract: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown team is answered with the roster's teams, to the letter."""
    run(["agents", "--demo", "--contract", contract, "--format", "json"])
    teams = sorted({agent["team"] for agent in json.loads(capsys.readouterr().out)})
    assert len(teams) > 1
    run(["check", "--demo", "--contract", contract, "--team", "Nowhere", "--format", "json"])
    fixes = [
        finding["fix"] for finding in json.loads(capsys.readouterr().out)["findings"] if finding["code"] == "RC801"
    ]
    assert [all(team in fix for team in teams) for fix in fixes] == [True]
