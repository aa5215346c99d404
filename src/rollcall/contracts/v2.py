"""The `/api/v2` contract: token, roster and states over one host.

Source of every wire fact here: the tutorial that this project starts from (marked T in our list of wire facts);
no specification of NICE's has this contract, so whatever an answer may add or leave out is read leniently.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from rollcall.contracts.base import RosterPage, StateRows, UnusableAnswer
from rollcall.contracts.reading import decode, jwt_claims, refuse_unless_ok, text, whole_number
from rollcall.contracts.rows import complaint
from rollcall.contracts.v2_rows import read_agents, read_state_rows
from rollcall.model.exchange import Request, Response
from rollcall.model.failure import FailureKind
from rollcall.model.secret import Secret
from rollcall.model.state import AgentState
from rollcall.model.token import Token

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rollcall.model.credentials import Credentials


LONGEST_LIFE = 10 * 365 * 86400.0
"""Seconds. A token said to live longer than ten years is one whose life is not known."""

_ANYTHING: msgspec.json.Decoder[object] = msgspec.json.Decoder()


class V2:
    """The `/api/v2` contract. Pages are counted from 1; agents not logged in have no row."""

    name = "v2"
    largest_page = 100
    largest_batch = 100
    separators: tuple[str, ...] = (",", "%2C")
    rows_at = "/entities"
    roster_scope = "agent:read"
    states_scope = "presence:read"

    def token_request(self, credentials: Credentials) -> Request:
        """Ask for a token: `POST /oauth/token`, form-encoded."""
        form: list[tuple[str, str | Secret]] = [("grant_type", credentials.grant_type)]
        if credentials.grant_type == "password":
            form.append(("username", credentials.access_key_id or ""))
            form.append(("password", credentials.access_key_secret or Secret("")))
        if credentials.client_id is not None:
            form.append(("client_id", credentials.client_id))
        if credentials.client_secret is not None:
            form.append(("client_secret", credentials.client_secret))
        return Request(method="POST", target="/oauth/token", purpose="token", form=tuple(form))

    def read_token(self, response: Response, *, now: float) -> Token:
        """Read `{"access_token", "token_type", "expires_in", "scope"?}`; 400 and 401 say what was refused."""
        refuse_unless_ok(response)
        body = decode(response.body, _ANYTHING, quoted=False)
        access_token = body.get("access_token") if isinstance(body, dict) else None
        if not isinstance(body, dict) or not isinstance(access_token, str) or not _can_be_sent(access_token):
            raise UnusableAnswer(FailureKind.DAMAGED, "the token answer has no usable access_token")
        claims = jwt_claims(access_token)
        life = body.get("expires_in")
        if isinstance(life, str):
            life = whole_number(life)
        has_life = isinstance(life, int | float) and not isinstance(life, bool) and 0 < life < LONGEST_LIFE
        return Token(
            access_token=Secret(access_token),
            token_type=text(body.get("token_type")) or "Bearer",
            granted_at=now,
            expires_at=now + float(life) if has_life and life is not None else None,
            scopes=_scopes(body, claims),
            claims=claims,
        )

    def roster_request(self, page: int, size: int) -> Request:
        """Ask for a page: `GET /api/v2/agents?page=1&pageSize=100`."""
        return Request(
            method="GET", target=f"/api/v2/agents?page={page}&pageSize={size}", purpose=f"page {page} of the roster"
        )

    def read_roster(self, response: Response) -> RosterPage:
        """Read `{"entities": [{"id"}], "totalCount"}`."""
        refuse_unless_ok(response)
        if not response.body.strip():
            return RosterPage(agents=(), no_content=True, complaint=complaint(response.status))
        body = read_agents(response.body, self.rows_at)
        named = tuple(agent for agent in body.agents if agent is not None)
        unnamed = len(body.agents) - len(named)
        _refuse_if_nameless(len(body.agents), unnamed)
        return RosterPage(
            agents=named,
            total=body.total,
            unnamed=unnamed,
            found_at=body.found_at,
            complaint=complaint(response.status, error=body.error, unnamed=unnamed, rows=len(body.agents)),
        )

    def states_request(self, agent_ids: Sequence[str], *, state: str | None, separator: str) -> Request:
        """Ask by id: `GET /api/v2/agents/states?agentIds=ID,ID`, `&state=` where wanted."""
        ids = separator.join(_quoted(one) for one in agent_ids)
        wanted = "" if state is None else f"&state={_quoted(state)}"
        count = f"{len(agent_ids)} agents" if len(agent_ids) != 1 else f"agent {agent_ids[0]}"
        only = "" if state is None else f", {state} only"
        return Request(
            method="GET", target=f"/api/v2/agents/states?agentIds={ids}{wanted}", purpose=f"states of {count}{only}"
        )

    def read_states(self, response: Response) -> StateRows:
        """Read `{"entities": [{"agentId", "state", "subState"?}]}`."""
        refuse_unless_ok(response)
        if not response.body.strip():
            return StateRows(rows=(), no_content=True, complaint=complaint(response.status))
        body = read_state_rows(response.body, self.rows_at)
        named = tuple(row for row in body.rows if isinstance(row, AgentState))
        failed = [row for row in body.rows if isinstance(row, str)]
        unnamed = len(body.rows) - len(named) - len(failed)
        _refuse_if_nameless(len(body.rows), unnamed)
        return StateRows(
            rows=named,
            unnamed=unnamed,
            found_at=body.found_at,
            complaint=complaint(response.status, error=body.error, failed=failed, unnamed=unnamed, rows=len(body.rows)),
        )

    def other_contracts(self) -> tuple[tuple[str, Request], ...]:
        """NICE's published contract lives below `/incontactapi/services/`; 200 or 401 there means it is spoken."""
        target = "/incontactapi/services/v34.0/agents?top=1"
        purpose = "does the incontact contract answer here?"
        return (("incontact", Request(method="GET", target=target, purpose=purpose)),)


def _refuse_if_nameless(rows: int, unnamed: int) -> None:
    if rows and rows == unnamed:
        raise UnusableAnswer(FailureKind.DAMAGED, f"{rows} rows, and none has an id that can be read")


def _quoted(text: str) -> str:
    """Percent-encode a text, also one from a command line that was no valid UTF-8, or with half a character in it."""
    try:
        return quote(text, safe="", errors="surrogateescape")
    except UnicodeEncodeError:
        return quote(text, safe="", errors="surrogatepass")


def _can_be_sent(access_token: str) -> bool:
    return bool(access_token.strip()) and access_token.isascii() and access_token.isprintable()


def _scopes(body: Mapping[str, object], claims: Mapping[str, object]) -> frozenset[str] | None:
    for said in (body.get("scope"), claims.get("scope"), claims.get("scp")):
        if isinstance(said, str):
            return frozenset(said.replace(",", " ").split())
        if isinstance(said, list):
            return frozenset(scope for scope in said if isinstance(scope, str))
    return None
