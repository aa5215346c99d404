"""Options for everything that the public documentation of `incontact` leaves open."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints


def _about(default: Any, text: str) -> Any:
    return field(default=default, metadata={"about": text})


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """How this tenant implements `incontact` where tenants may differ.

    `refresh_life` and `refresh_rotates` apply to `v2` too.
    """

    shape: Literal["v34", "v23"] = _about("v34", "the members of a response; v23 has lastPollTime in each row")
    result_set: bool = _about(False, "whether every response is inside resultSet")
    oldest: int = _about(6, "the oldest API version")
    newest: int = _about(34, "the newest API version")
    states_newest: int = _about(99, "the newest API version of agents/states, if older")
    page_default: int = _about(50, "rows of a page without top; page_cap is the maximum")
    next_link: Literal["absolute", "relative"] = _about("absolute", "how _links are written")
    last_link: Literal["null", "absent"] = _about("null", "_links.next on the last page")
    total_records: Literal["all", "page"] = _about("all", "what totalRecords counts")
    no_agents: Literal["204", "200"] = _about("204", "the response of agents without rows")
    no_states: Literal["200", "204", "empty"] = _about("200", "the response of states without rows; empty is no body")
    logged_out_rows: bool = _about(True, "whether logged-out agents have a state row, LoggedOut")
    inactive_rows: bool = _about(True, "whether inactive agents have a state row, LoggedOut")
    sub_states: Literal["name", "id"] = _about(
        "name", "whether a state row names the unavailable code, or has only its id"
    )
    unavailable_codes: Literal["outState", "unavailableCode"] = _about(
        "outState", "the members of unavailable-codes: outStateId and outStateName, or unavailableCodeId and -Code"
    )
    no_permission: Literal["403", "401", "409", "empty"] = _about("403", "the response if a permission is missing")
    hidden_teams: tuple[str, ...] = _about((), "ids of teams that data restrictions hide from the caller; joined by +")
    hidden_agent: Literal["403", "404"] = _about("403", "the response to a request for an agent of a hidden team")
    hidden_shown: bool = _about(True, "whether hiddenAgents counts the hidden agents")
    sees: Literal["all", "own"] = _about("all", "whether the caller sees all agents, or only its own")
    dates: Literal["server", "world"] = _about(
        "server", "whether dates follow the server's clock (the world starts now), or the world's"
    )
    fraction: Literal["mixed", "always", "none"] = _about("mixed", "decimals of the seconds: 0 to 3, 3, or none")
    poll_every: int = _about(5, "seconds between the server's polls of its agents; lastPollTime is the last poll")
    poll_lag: int = _about(0, "seconds that a poll is late")
    history_range: Literal["started", "overlapping"] = _about(
        "started", "the states of a range of state-history: those that began in it, or any that was in it"
    )
    history_longest: int = _about(2_678_400, "seconds of the largest range of state-history")
    history_too_long: Literal["said", "unsaid", "cut"] = _about(
        "said", "a larger range is a 400 that gives the largest, a 400 without it, or only its first part is read"
    )
    history_cap: int = _about(10_000, "most rows of a page of state-history and login-history")
    history_order: Literal["startDate", "newest", "agentId"] = _about(
        "startDate", "the order of state-history without orderBy"
    )
    history_now: Literal["so-far", "null", "absent"] = _about(
        "so-far", "the duration of a state that has not ended; absent leaves its row out"
    )
    history_lag: int = _about(0, "seconds until the history knows of a change")
    history_logout: bool = _about(True, "whether a logout is a row of state-history: LoggedOut, the session's last")
    history_ids: Literal["number", "text"] = _about("number", "how state-history writes agentStateId")
    history_reason: Literal["name", "id"] = _about(
        "name", "outStateDescription of state-history: the unavailable code's name or its id"
    )
    history_team: Literal["teamId", "teamNo"] = _about("teamId", "the member for the team in state-history")
    history_acw: bool = _about(True, "whether rows of state-history have isACW, which no published list has")
    no_history: Literal["204", "200"] = _about("204", "the response of state-history and login-history without rows")
    logins_days: int = _about(31, "days of the largest range of login-history")
    adherence_key: Literal["agentStateHistory", "wfoAgentSpecificStats"] = _about(
        "agentStateHistory", "the key of the rows of schedule-adherence"
    )
    contact_start: Literal["contactStartDate", "contactStart"] = _about(
        "contactStartDate", "the member of contacts/active for a contact's start"
    )
    grant_body: Literal["any", "form"] = _about(
        "any", "the body of a request for a token: a form with any label or JSON, or only a form with its label"
    )
    refresh_client: Literal["optional", "needed"] = _about("optional", "whether a renewal must name the client")
    client_at: Literal["any", "header", "body"] = _about("any", "where the server reads client id and secret")
    client_credentials: bool = _about(False, "whether this grant gives a token (without a user), or is refused")
    refused: Literal["usual", "400", "401"] = _about("usual", "the status of a refused token: 401 client, 400 grant")
    spelling: Literal["error_description", "errorDescription", "error_Description"] = _about(
        "error_description", "the name of the error description"
    )
    errors: Literal["json", "empty", "html"] = _about(
        "json", "the body of an API error; icStatusDescription always has the reason"
    )
    no_accept: Literal["200", "406"] = _about("200", "the status of requests without an Accept header")
    tenant_needed: bool = _about(False, "whether cxone-configuration needs a tenantId, as on the issuer's host")
    refresh_life: int = _about(86_400, "seconds until a refresh token expires")
    refresh_rotates: bool = _about(False, "whether a renewal replaces the refresh token")

    def __post_init__(self) -> None:
        for reading in list_readings():
            value = getattr(self, reading.name)
            choices = get_args(reading.of) if get_origin(reading.of) is Literal else ()
            if choices and value not in choices:
                raise ValueError(f"the reading {reading.name} must be one of {', '.join(choices)}, not {value!r}")
            least = 0 if reading.name in {"poll_lag", "history_lag"} else 1
            if reading.of is int and value < least:
                raise ValueError(f"the reading {reading.name} must be {least} or more, not {value}")


class Reading(NamedTuple):
    """A reading, for help texts: its type and default."""

    name: str
    of: Any
    default: Any
    about: str

    @property
    def kind(self) -> str:
        """The possible values, in words."""
        if get_origin(self.of) is Literal:
            return "|".join(get_args(self.of))
        return {bool: "yes|no", int: "whole number"}.get(self.of, "texts")

    @property
    def shown(self) -> str:
        """The default, as a user would type it."""
        if isinstance(self.default, bool):
            return "yes" if self.default else "no"
        return "none" if self.default == () else str(self.default)


def list_readings() -> tuple[Reading, ...]:
    """Return all readings, in the order of help texts."""
    hints = get_type_hints(Readings)
    return tuple(Reading(one.name, hints[one.name], one.default, one.metadata["about"]) for one in fields(Readings))


def parse_readings(texts: Iterable[str]) -> Readings:
    """Return the readings that texts such as `no_states=204` describe. ValueError explains a wrong one."""
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
