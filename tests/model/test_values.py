"""The model's values keep their fields, and hide secrets."""

from __future__ import annotations

import copy
import pickle
import shlex

import pytest

from cxone_rollcall.alerts.secrets import Address
from cxone_rollcall.config.profiles import ProfileFile
from cxone_rollcall.config.sources import Source, Sourced
from cxone_rollcall.login.attempt import Attempt
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.failure import Failure, FailureKind, Stage
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.shell import command_line, quoted
from cxone_rollcall.model.state import LOGGED_IN_STATES, AgentState, Login, is_logged_out, login_of, meant_state
from cxone_rollcall.model.state_history import PastState
from cxone_rollcall.model.struct import HiddenRepr
from cxone_rollcall.model.token import Token
from cxone_rollcall.request.pasted import Pasted
from cxone_rollcall.request.question import Question
from cxone_rollcall.request.shells import Word

HIDDEN = "s3cret-of-a-test"


@pytest.mark.parametrize(
    "holder",
    [
        Secret(HIDDEN),
        Credentials(client_id="a", client_secret=Secret(HIDDEN)),
        Request(method="POST", target="/", purpose="", form=(("a", Secret(HIDDEN)),), headers=(("b", Secret(HIDDEN)),)),
        Token(access_token=Secret(HIDDEN), granted_at=0.0, expires_at=None),
        [{"a": (Secret(HIDDEN),)}],
    ],
    ids=lambda holder: type(holder).__name__,
)
def test_secrets_are_not_shown(holder: object) -> None:
    """No way of showing a value shows the secret in it."""
    for shown in (repr(holder), str(holder), f"{holder}", f"{holder!r}", f"{holder!s}"):
        assert HIDDEN not in shown


@pytest.mark.parametrize(
    ("kind", "hidden"),
    [
        (Response, {"headers", "body"}),
        (Pasted, {"path", "query", "headers", "unsent"}),
        (Question, {"request"}),
        (Word, {"text"}),
        (Source, {"values"}),
        (Sourced, {"text"}),
        (ProfileFile, {"profiles"}),
        (Attempt, {"state", "nonce"}),
        (Address, {"url", "key"}),
    ],
)
def test_what_may_hold_a_secret_is_not_shown(kind: type[HiddenRepr], hidden: set[str]) -> None:
    """The repr of a value has all its members but these."""
    members = kind.__struct_fields__
    shown = repr(kind(**{name: f"<{name}>" for name in members}))
    assert {name for name in members if f"<{name}>" not in shown} == hidden


def test_secrets_are_not_formatted() -> None:
    """A secret put into a text by accident is three stars."""
    assert f"{Secret(HIDDEN)}" == "***"
    assert "{}".format(Secret(HIDDEN)) == "***"  # noqa: UP032
    assert "%s %r" % (Secret(HIDDEN), Secret(HIDDEN)) == "*** Secret(***)"  # noqa: UP031


def test_secrets_do_not_leave_the_process() -> None:
    """A secret cannot be pickled; its copy is itself."""
    for holder in (Secret(HIDDEN), Credentials(client_id="a", client_secret=Secret(HIDDEN))):
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            with pytest.raises(TypeError, match="a Secret cannot be pickled"):
                pickle.dumps(holder, protocol)
    secret = Secret(HIDDEN)
    assert copy.copy(secret) is copy.deepcopy(secret) is secret


def test_secrets_are_compared_by_what_they_hide() -> None:
    """Secrets are equal if their texts are, never equal to a text."""
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert {Secret("a"), Secret("a")} == {Secret("a")}
    assert Secret("a")
    assert not Secret("")
    assert Secret(HIDDEN).reveal() == HIDDEN


@pytest.mark.parametrize(
    "state",
    [
        *(
            "LoggedOut",
            "logged out",
            "Logged Out",
            "LOGGED_OUT",
            "Logged-Out",
            "Logged Off",
            "Forced logout by supervisor",
        ),
        *("No longer logged in", "Kicked out by admin"),
    ],
)
def test_logged_out(state: str) -> None:
    """A row that says logged out is recognized in any spelling."""
    assert is_logged_out(state)
    assert not AgentState("1", state).logged_in


@pytest.mark.parametrize(
    "state",
    [
        *LOGGED_IN_STATES,
        "Logged In",
        "Signed On",
        "Unavailable",
        None,
        "On The Moon",
        "Backlog Outbound",
        "Left Voicemail",
    ],
)
def test_logged_in(state: str | None) -> None:
    """Any other row means logged in, even with an unknown state."""
    assert AgentState("1", state).logged_in
    assert login_of(AgentState("1").state) is Login.IN


@pytest.mark.parametrize(
    "state",
    [
        *("", "-", "Unknown", "0", "Offline Work", "Logout requested", "Signing off", "Disconnected", "Off Shift"),
        *("None", "null", "nil", "N/A", "NaN", "undefined", "Unspecified", "unset", "Not set", "Invalid", "Error"),
        *("true", "false", "out", "OFF", "Active", "inactive", "Enabled", "Disabled", "Locked", "Deleted"),
        *(
            "Terminated",
            "Suspended",
            "Deactivated",
            "Removed",
            "Absent",
            "Expired",
            "Timed out",
            "Ended",
            "Left",
            "Closed",
        ),
        *("ログアウト", "オフライン", "登出", "已登出", "离线", "未登录", "ログオフ"),
    ],
)
def test_perhaps_logged_out(state: str) -> None:
    """A name that may mean either, or names nothing, says neither."""
    assert login_of(state) is Login.EITHER


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Available", None),
        (" available ", "Available"),
        ("Availible", "Available"),
        ("ON BREAK", "On Break"),
        ("Lunch", None),
        ("", None),
    ],
)
def test_a_misspelt_state(typed: str, meant: str | None) -> None:
    """A state that resembles a known one means that. A known one means itself."""
    assert meant_state(typed, ["Available", None, "", "On Break", "Busy"]) == meant


def test_a_pending_logoff() -> None:
    """An agent who waits for the logoff is logged in."""
    states = ("LogoffPending", "Logoff Pending", "pending logout", "Signing Out Pending")
    assert {login_of(state) for state in states} == {Login.IN}


def test_out_of_something_else() -> None:
    """A state that begins with work means logged in. What follows may be of another program."""
    states = ["Available", "Unavailable", "Busy", "Break", "On Break", "Not Ready", "Working", "In Call", "On Call"]
    states += ["After Call", "ACW", "Wrap-up", "Meal", "Lunch"]
    assert {login_of(f"{state} - logged out of CRM") for state in states} == {Login.IN}
    assert {login_of(f"{name} - logged out of CRM") for name in ("Team", "CRM", "5")} == {Login.EITHER}


def test_work_and_out() -> None:
    """Work and "logged out", and no more, may mean either."""
    states = ("Not Ready - Logged Out", "Unavailable (Offline)", "Busy - signed off", "On Call: not logged in")
    assert {login_of(state) for state in states} == {Login.EITHER}


REASONS = (
    "auto, automatic, automatically, timed out, timeout, by admin, by an administrator, due to inactivity, "
    "to the system, at end of day, after shift ended, supervisor, manager, server, user, agent, client, self, idle, "
    "inactive, force, forced, session expired, expiry, lost connection, network error, manual, manually, normal, "
    "since 9 am, 5 pm UTC, 1h 2m 3s, complete, completed, done, close, closed, browser, disconnect, disconnected, "
    "state, status, unknown reason, workday"
)
MAYBE_OUT = (
    "Log out of CRM, Logging out, Not logged, Not signed, Offline Training, Disconnected, Not connected, "
    "Clocked out, Checked out, Punched out, Off shift, Off duty, Off work, "
    "Shift ended, Shift over, Shift done, Session end, Session expired, Session closed, Session terminated, "
    "Session timeout, Not present, Not online, Not registered, Not active, No state, No session, No status, "
    "Unregistered, Out of office, Gone, Went home, Abgemeldet, Ausgeloggt, Déconnecté, Deconnecte, Hors ligne, "
    "Desconectado, Deslogado, Disconnesso, Uitgelogd, Afgemeld, Utloggad, Nicht angemeldet, Nicht eingeloggt, "
    "Non connecté, Não conectado, No conectado, Fuera de línea, Sesión cerrada, Scollegato, Logget ut, Wylogowany, "
    "Clock out, Off the clock, End of shift, Ended session, Connection lost, Lost connection, Unreachable, "
    "Was logged in, Previously signed in, Unlogged, Déconnexion, Sin conexión, Sem conexão, Odhlášen, Odhlásený, "
    "Odjavljen, Kijelentkezve, Çıkış yapıldı, Çevrimdışı, Выход, Вышел, Не в сети, Отключен, Αποσυνδεδεμένος, "
    "退出, 登出中, 로그아웃, 로그오프, 오프라인, 未ログイン"
)


@pytest.mark.parametrize("name", ["Logout", "Log Off", "Sign-out", "signoff", "Offline", "Agent auto logout"])
def test_out_for_a_reason(name: str) -> None:
    """A reason after "logged out" changes nothing. Words of other things do."""
    reasons = {reason: login_of(f"{name} ({reason})") for reason in REASONS.split(", ")}
    assert {reason for reason, login in reasons.items() if login is not Login.OUT} == set()
    assert {login_of(f"{name} ({other})") for other in ("work", "training", "of CRM", "later")} == {Login.EITHER}


def test_not_yet_out() -> None:
    """Who left only a queue, or logs out later, may be in."""
    words = "pending, soon, requested, scheduled, later, next, upcoming, awaited, in progress, queue, of sales, from us"
    assert {word for word in words.split(", ") if login_of(f"Logged out {word}") is not Login.EITHER} == set()
    assert login_of("Logged out off shift") is Login.OUT


def test_names_that_begin_with_being_away() -> None:
    """A name that begins with being away may mean logged out."""
    assert {name for name in MAYBE_OUT.split(", ") if login_of(name) is not Login.EITHER} == set()


def test_letters_of_full_width() -> None:
    """Letters of full or half width are the letters that they show."""
    assert login_of("Ｌｏｇｇｅｄ　Ｏｕｔ") is Login.OUT
    assert login_of("ﾛｸﾞｱｳﾄ") is Login.EITHER
    assert login_of("Ａｖａｉｌａｂｌｅ") is Login.IN


def test_out_somewhere_in_a_name() -> None:
    """A name with "logged out" somewhere may mean it."""
    states = ("Team logged out", "CRM sign off", "At home, off-line", "Desk not signed in", "Phone disconnected")
    assert {login_of(state) for state in states} == {Login.EITHER}


@pytest.mark.parametrize(
    ("failure", "text"),
    [
        ({}, "page 1: timed out"),
        ({"tries": 4}, "page 1: timed out (on each of 4 tries)"),
        ({"status": 503, "detail": "busy"}, "page 1: HTTP 503: busy"),
        ({"status": 503, "detail": "busy", "tries": 2}, "page 1: HTTP 503: busy (on each of 2 tries)"),
    ],
)
def test_a_failure_says_what_happened(failure: dict[str, int | str], text: str) -> None:
    """A failure is one line: request, result, and tries."""
    kind = FailureKind.TIMED_OUT
    made = Failure(kind=kind, stage=Stage.ROSTER, purpose="page 1", exchange=1, **failure)  # type: ignore[arg-type]
    assert str(made) == text
    assert made.hitting(("1", "2")).agents == ("1", "2")
    assert made.agents == ()


def test_values_do_not_change() -> None:
    """What was learned is not changed afterwards."""
    with pytest.raises(AttributeError):
        Agent("1").name = "Ann"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        Credentials(client_id="a", client_secret=Secret("b")).grant_type = "password"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("state", "sub_state", "both"),
    [
        ("Break", "Lunch", "Break - Lunch"),
        ("Break", "Break - Lunch", "Break - Lunch"),
        ("Break", None, "Break"),
        ("Break", "", "Break"),
        (None, "Lunch", "Lunch"),
        (None, None, None),
    ],
)
def test_a_state_with_its_sub_state(state: str | None, sub_state: str | None, both: str | None) -> None:
    """State and sub-state are shown together. A sub-state that begins with the state has both."""
    assert AgentState("1", state, sub_state).both_names == both


def test_a_past_state() -> None:
    """A past state ends after its length. Without one it may last."""
    assert PastState(AgentState("7"), begin=1000, length=500).end == 1500
    assert PastState(AgentState("7"), begin=1000).end is None
    assert PastState(AgentState("7"), begin=1000).agent_id == "7"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain-1.txt", "plain-1.txt"),
        ("", "''"),
        ("two words", "'two words'"),
        ("O'Neill", '"O\'Neill"'),
        ("$HOME", "'$HOME'"),
        *((f"it's {one}", shlex.quote(f"it's {one}")) for one in ("$HOME", "`ls`", "a\\", '"', "!", "a\nb")),
    ],
)
def test_words_of_a_command_line(text: str, written: str) -> None:
    """A word of a command line stays one word. Nothing in it runs."""
    assert quoted(text) == written
    assert command_line(("a", text)) == f"a {written}"
    assert shlex.split(written) == [text]


def test_a_missing_scope_needs_readable_scopes() -> None:
    """A token lacks a scope only if its scopes can be read."""

    def token(scopes: frozenset[str] | None) -> Token:
        return Token(access_token=Secret("t"), granted_at=0.0, expires_at=None, scopes=scopes)

    assert not token(None).lacks("agent:read")
    assert token(frozenset()).lacks("agent:read")
    assert not token(frozenset({"agent:read"})).lacks("agent:read")
