"""What nobody's public material settles of the published contract, `incontact`: each reading is an option."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints


def _about(default: Any, text: str) -> Any:
    return field(default=default, metadata={"about": text})


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """How this tenant speaks `incontact` where its tenants may differ; refresh tokens are alike in `v2`."""

    shape: Literal["v34", "v23"] = _about("v34", "the members of an answer; v23 has lastPollTime in each row")
    result_set: bool = _about(False, "whether every answer stands within resultSet")
    oldest: int = _about(6, "the oldest API version that is served")
    newest: int = _about(34, "the newest API version that is served")
    states_newest: int = _about(99, "the newest API version of agents/states, where that is older")
    page_default: int = _about(50, "rows of a page when top is not given; page_cap is the most")
    next_link: Literal["absolute", "relative"] = _about("absolute", "how _links are written")
    last_link: Literal["null", "absent"] = _about("null", "_links.next on the last page")
    total_records: Literal["all", "page"] = _about("all", "what totalRecords counts")
    no_agents: Literal["204", "200"] = _about("204", "the answer to agents without rows")
    no_states: Literal["200", "204", "empty"] = _about("200", "the answer to states without rows; empty is no body")
    logged_out_rows: bool = _about(True, "whether agents not logged in have a row of states, as LoggedOut")
    inactive_rows: bool = _about(True, "whether inactive agents have a row of states, as LoggedOut")
    no_permission: Literal["403", "401", "409", "empty"] = _about("403", "the answer where a permission is missing")
    hidden_teams: tuple[str, ...] = _about((), "teams, by id, that data restrictions keep from the caller; joined by +")
    hidden_agent: Literal["403", "404"] = _about("403", "the answer to an agent of such a team asked for by id")
    hidden_shown: bool = _about(True, "whether hiddenAgents tells how many are kept from the caller")
    sees: Literal["all", "own"] = _about("all", "whether the caller sees every agent, or the own one alone")
    dates: Literal["server", "world"] = _about(
        "server", "whether dates are on the server's clock, the world's moment being its start, or on the world's"
    )
    fraction: Literal["mixed", "always", "none"] = _about("mixed", "digits of a second's fraction: 0 to 3, 3, or none")
    poll_every: int = _about(5, "seconds between two polls of the server: lastPollTime is the last one")
    poll_lag: int = _about(0, "seconds that such a poll is late by")
    client_at: Literal["any", "header", "body"] = _about("any", "where client id and secret are read from")
    client_credentials: bool = _about(False, "whether that grant gives a token, one without a user, or is refused")
    refused: Literal["usual", "400", "401"] = _about("usual", "the status of a refused token: 401 client, 400 grant")
    spelling: Literal["error_description", "errorDescription", "error_Description"] = _about(
        "error_description", "the name that an error is described under"
    )
    errors: Literal["json", "empty", "html"] = _about(
        "json", "the body of an API error; icStatusDescription has the reason always"
    )
    no_accept: Literal["200", "406"] = _about("200", "the status of `No known way to render data`")
    tenant_needed: bool = _about(False, "whether cxone-configuration needs a tenantId, as on the issuer's host")
    refresh_life: int = _about(86_400, "seconds that a refresh token is good for")
    refresh_rotates: bool = _about(False, "whether a refresh token is good for one renewal, which gives the next one")

    def __post_init__(self) -> None:
        for reading in list_readings():
            value = getattr(self, reading.name)
            choices = get_args(reading.of) if get_origin(reading.of) is Literal else ()
            if choices and value not in choices:
                raise ValueError(f"the reading {reading.name} must be one of {', '.join(choices)}, not {value!r}")
            least = 0 if reading.name == "poll_lag" else 1
            if reading.of is int and value < least:
                raise ValueError(f"the reading {reading.name} must be {least} or more, not {value}")


class Reading(NamedTuple):
    """One reading, as data for help texts: its type, and what it is without being told."""

    name: str
    of: Any
    default: Any
    about: str

    @property
    def kind(self) -> str:
        """The values that it takes, in words."""
        if get_origin(self.of) is Literal:
            return "|".join(get_args(self.of))
        return {bool: "yes|no", int: "whole number"}.get(self.of, "texts")

    @property
    def shown(self) -> str:
        """The default, as it would be typed."""
        if isinstance(self.default, bool):
            return "yes" if self.default else "no"
        return "none" if self.default == () else str(self.default)


def list_readings() -> tuple[Reading, ...]:
    """Return all readings, in the order that they are listed in."""
    hints = get_type_hints(Readings)
    return tuple(Reading(one.name, hints[one.name], one.default, one.metadata["about"]) for one in fields(Readings))


def parse_readings(texts: Iterable[str]) -> Readings:
    """Return the readings that texts like `no_states=204` describe; ValueError says what is wrong with one."""
    known = {reading.name: reading for reading in list_readings()}
    values: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        name = name.strip().replace("-", "_")
        if name not in known:
            raise ValueError(f"there is no reading {name!r}; readings: {', '.join(known)}")
        if not equals or not value:
            raise ValueError(f"the reading {name} needs a value: {name}={known[name].kind}")
        values[name] = _value(known[name], value.strip())
    return Readings(**values)


def _value(reading: Reading, text: str) -> Any:
    if reading.of is bool:
        if text not in {"yes", "no"}:
            raise ValueError(f"the reading {reading.name} must be yes or no, not {text!r}")
        return text == "yes"
    if reading.of is int:
        if not (text.isascii() and text.isdecimal() and len(text) < 10):
            raise ValueError(f"the reading {reading.name} must be a whole number, not {text!r}")
        return int(text)
    return tuple(text.split("+")) if get_origin(reading.of) is tuple else text
