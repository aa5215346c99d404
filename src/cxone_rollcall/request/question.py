"""What a request asks for: list, API, version and parameters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote_plus

from cxone_rollcall.model.closest_match import closest_match
from cxone_rollcall.model.observations.request import What
from cxone_rollcall.model.struct import HiddenRepr, replace
from cxone_rollcall.request.pasted import Pasted, refused

STATES, ROSTER = "agents/states", "agents"
_PATHS = (
    (What.STATES, re.compile(r"(?P<before>.*/)agents/states/?", re.IGNORECASE)),
    (What.ONE_AGENT, re.compile(r"(?P<before>.*/)agents/(?P<id>[^/]+)/states/?", re.IGNORECASE)),
    (What.ROSTER, re.compile(r"(?P<before>.*/)agents/?", re.IGNORECASE)),
)
_V2 = re.compile(r".*/api/v2/", re.IGNORECASE)
_INCONTACT = re.compile(r"(?P<begin>.*/services/v)(?P<version>[0-9]{1,3})(?P<end>(?:\.[0-9]+)?/)", re.IGNORECASE)
IDS = "agentIds"
_LIKE_IDS = frozenset(
    {"agentids", "agentid", "ids", "id", "agents", "agent", "userids", "userid", "agentids[]", "ids[]"}
)
"""Names that programs give to `agentIds`."""
PARAMETERS = frozenset(
    {
        *("agentids", "state", "page", "pagesize", "updatedsince", "fields", "top", "skip", "orderby", "reqbuids"),
        *("isactive", "searchstring"),
        *_LIKE_IDS,
    }
)
"""Parameters of both APIs, in small letters. Their values are no secrets."""
_SEPARATORS = re.compile(r"%2[cC]|,")
_OTHER_SEPARATORS = re.compile(r"[;|\s]+|%3[bB]|%7[cC]")


class Question(HiddenRepr, frozen=True, kw_only=True):
    """A request for agents or their states.

    `contract` is the API of its path, "" if the path is of neither. `signed` is whether it carries rollcall's own
    token instead of its own. `agent` is the one in its path, as written.
    """

    hidden = ("request",)

    request: Pasted
    what: What
    contract: str
    before: str
    agent: str | None = None
    signed: bool = False

    @property
    def target(self) -> str:
        """Path and query as they are sent."""
        query = "&".join(f"{name}={value}" for name, value in self.request.query)
        return f"{self.request.path}?{query}" if query else self.request.path

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of its known parameters, each once."""
        names = (unquote_plus(name) for name, _ in self.request.query)
        return tuple(dict.fromkeys(name for name in names if name.lower() in PARAMETERS))

    @property
    def version(self) -> str:
        """The version in the path of `incontact`, or ""."""
        found = _INCONTACT.fullmatch(self.before)
        return found["version"] if found else ""

    @property
    def authorization(self) -> str:
        """Its own Authorization header, or ""."""
        values = (value.reveal() for name, value in self.request.headers if name.lower() == "authorization")
        return next(values, "")

    @property
    def ids_as(self) -> tuple[str, ...]:
        """The names under which it sends agent ids, as written: usually `agentIds`."""
        if self.contract == "incontact":
            return ()  # this API has no such parameter
        names = tuple(dict.fromkeys(name for name, value in self.request.query if value and _is(IDS, name)))
        if names or self.what is not What.STATES:
            return names
        alike = (name for name, value in self.request.query if value and unquote_plus(name).lower() in _LIKE_IDS)
        return tuple(dict.fromkeys(alike))

    @property
    def ids(self) -> tuple[str, ...]:
        """The agent ids that it names, decoded, each once."""
        if self.agent is not None:
            return (unquote_plus(self.agent),)
        texts = [value for name, value in self.request.query if name in self.ids_as]
        return tuple(dict.fromkeys(one for text in texts for one in _split(text)))

    def value(self, name: str) -> str | None:
        """The decoded value of a parameter, or None. Letter case of the name does not matter."""
        found = [unquote_plus(value) for other, value in self.request.query if _is(name, other)]
        return found[-1] if found else None

    def without(self, *names: str) -> Question:
        """The same request without these parameters."""
        return self._asking(one for one in self.request.query if not any(_is(name, one[0]) for name in names))

    def with_values(self, **values: str) -> Question:
        """The same request with these parameters. Values are sent as given."""
        changed, left = [], dict(values)
        for name, value in self.request.query:
            known = next((key for key in values if _is(key, name)), None)
            if known is None:
                changed.append((name, value))
            elif known in left:
                changed.append((name, left.pop(known)))
        return self._asking((*changed, *left.items()))

    def with_ids(self, written: str) -> Question:
        """The same request for these ids. They are sent as written, under the API's own name."""
        rest = [one for one in self.request.query if one[0] not in self.ids_as]
        return self._asking(((IDS, written), *rest))

    def of_version(self, version: str) -> Question:
        """The same request in another version of `incontact`."""
        return self._at(_INCONTACT.sub(lambda found: f"{found['begin']}{version}{found['end']}", self.before))

    def of_agent(self, agent_id: str) -> Question:
        """The same request for another agent's states."""
        path = f"{self.before}agents/{agent_id}/states"
        return replace(self, agent=agent_id, request=replace(self.request, path=path))

    def at(self, before: str, *, contract: str) -> Question:
        """The same request below another path."""
        return replace(self._at(before), contract=contract)

    def with_our_token(self) -> Question:
        """The same request with rollcall's own token in place of its own."""
        headers = tuple(one for one in self.request.headers if one[0].lower() not in ("authorization", "cookie"))
        return replace(self, request=replace(self.request, headers=headers), signed=True)

    def at_host(self, base: str) -> Question:
        """The same request at another host."""
        return replace(self, request=replace(self.request, base=base))

    def _at(self, before: str) -> Question:
        rest = f"agents/{self.agent}/states" if self.agent is not None else self.what.path
        return replace(self, before=before, request=replace(self.request, path=before + rest))

    def _asking(self, query: Iterable[tuple[str, str]]) -> Question:
        return replace(self, request=replace(self.request, query=tuple(query)))


def question_of(request: Pasted) -> Question:
    """What a request asks for. Raises `SettingError` if that is neither agents nor their states."""
    path = re.sub(r"/+", "/", request.path)
    for what, pattern in _PATHS:
        found = pattern.fullmatch(path)
        if found is not None:
            before = found["before"]
            contract = "v2" if _V2.fullmatch(before) else "incontact" if _INCONTACT.fullmatch(before) else ""
            agent = found["id"] if what is What.ONE_AGENT else None
            return Question(request=request, what=what, contract=contract, before=before, agent=agent)
    tail = "/".join(path.rstrip("/").split("/")[-2:]).lower()
    near = closest_match(tail, (STATES, ROSTER), cutoff=0.8)
    hint = f" (did you mean {STATES}?)" if near not in (None, ROSTER) else ""
    raise refused(f"its path is neither that of agents nor that of their states{hint}")


def _is(name: str, other: str) -> bool:
    return unquote_plus(other).lower() == name.lower()


def _split(text: str) -> list[str]:
    """The ids in the value of a parameter. Commas separate them, or what programs use instead."""
    found: list[str] = []
    for part in _SEPARATORS.split(text):
        plain = unquote_plus(part).strip().strip("[]\"'").strip()
        pieces = _OTHER_SEPARATORS.split(plain)
        found += pieces if len(pieces) > 1 and all(one.isdecimal() for one in pieces) else [plain]
    return [one for one in found if one]
