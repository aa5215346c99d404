"""`[groups]` of config.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxone_rollcall.config.load import load
from cxone_rollcall.config.settings import Settings
from cxone_rollcall.errors import SettingError
from cxone_rollcall.live.groups import Groups
from cxone_rollcall.model.state import AgentState

PROFILE = '[profiles.lab]\ninstance = "127.0.0.1:8080"\nclient_id = "emulated-client"\nclient_secret = "x"\n'


def settings(folder: Path, groups: str) -> Settings:
    """The settings of a `config.toml` with this text beside a profile."""
    file = folder / "config.toml"
    file.write_text(groups + PROFILE)
    file.chmod(0o600)
    return load({}, {}, folder, file)


def test_a_state_or_sub_state_changes_its_group(tmp_path: Path) -> None:
    """A sub-state's group comes before that of its state. Letter case and signs do not matter."""
    given = settings(tmp_path, '[groups]\n"break - TRAINING" = "after-contact"\nBreak = "other"\n')
    groups = Groups(given.groups)
    assert groups.of(AgentState("1", "Break", "Break - Training")) == "after-contact"
    assert groups.of(AgentState("1", "Break", "Break - Lunch")) == "other"
    assert groups.of(AgentState("1", "Busy")) == "on-contact"


@pytest.mark.parametrize(
    "text", ['[groups]\nBreak = "pause"\n', "[groups]\nBreak = 3\n", 'groups = "x"\n', "[groups]\nBreak = {a = 1}\n"]
)
def test_an_unknown_group_is_refused(tmp_path: Path, text: str) -> None:
    """The message names the groups and shows lines to paste."""
    with pytest.raises(SettingError) as refused:
        settings(tmp_path, text)
    assert "[groups]" in refused.value.example
