"""The people of a case file, and their stand-ins. A text that names a person has the same stand-in everywhere."""

from __future__ import annotations

import re
import unicodedata
from itertools import islice

from cxone_rollcall.model.agent import Agent
from cxone_rollcall.redaction.escapes import layers
from cxone_rollcall.redaction.forms import Codes, encoded_texts_replaced
from cxone_rollcall.redaction.text_search import Finder

SOMEBODY = "Person"
"""First word of the stand-in for a name, such as `Person 7`."""
DOMAIN = "anonymized.invalid"
NAMING = ("name", "user_name", "email", "user_id")
"""The texts of an agent that name it."""
UNREAD = "removed"
"""Stand-in for a code within too many codes."""

_ID = re.compile(r"\d+|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
WORD_OR_EMAIL = re.compile(r"[\w.+'-]++((?:@|%40)\w[\w-]*+(?:\.\w[\w-]*+)++)?")
"""An e-mail address, or any other word. The group is an address's part from the @ on.

Atomic, so that a megabyte of letters is read in linear time."""

LONG = 6
"""Characters. A longer single word is replaced within other words, too."""
LONGEST = 1_000
"""Characters of the longest text searched for within others. A longer one is replaced only as a whole."""
LONG_NUMBER = 5
"""Digits of a user name that is searched for as a word."""
SHORTEST_PART = 3
"""Letters of the shortest part of a name to search for. Two if not ASCII."""
MOST_WORDS = 5
"""Most words of a name to search for without its blanks. User names and file names leave blanks out."""

_COMMON = """
admin agent agents all and answer any api are asked auth available batch break busy call client code error false for
found from has have http https incontact json login name new nice none not null off one open page ready request roster
row rows server state states team test that the this token true two unavailable unknown user users was who with without
mon tue wed thu fri sat sun jan feb mar apr may jun jul aug sep oct nov dec
"""
COMMON = frozenset(_COMMON.split())
"""Common words of case files. A person of such a name is replaced only in the fields for names."""


class People:
    """Everyone named so far. Letter case does not matter; two people of the same name share its stand-in.

    `ids` are those of agents: a number or UUID among them is kept, even if it is also someone's name.
    """

    def __init__(self, ids: frozenset[str] = frozenset()) -> None:
        self._ids = frozenset(filter(_ID.fullmatch, ids))
        self._numbers: dict[str, int] = {}
        self._agents: dict[int, str] = {}
        self._stand_ins: dict[str, str] = {}
        self._compounds, self._words, self._parts = Finder(), Finder(), Finder()
        self._later: list[tuple[str, str]] = []
        self._met = 0

    def meet(
        self,
        *parts: str,
        agent_id: str = "",
        name: str = "",
        user_name: str = "",
        email: str = "",
        user_id: str = "",
    ) -> None:
        """Add a person by any of these texts. `parts` are the first and last name."""
        texts = [text.strip().lower() for text in (user_id, user_name, email) if text.strip()]
        number = self._number(agent_id.strip(), texts or [name.strip().lower()])
        self._know(name, f"{SOMEBODY} {number}")
        self._know(email, f"person{number}@{DOMAIN}")
        self._know(user_name, f"person{number}@{DOMAIN}" if "@" in user_name else f"person{number}")
        self._later += [(address.rpartition("@")[0], f"person{number}") for address in (email, user_name)]
        self._know(user_id, f"00000000-0000-4000-9000-{number:012d}")
        if agent_id and not _ID.fullmatch(agent_id.strip()):
            self._know(agent_id, f"person{number}")
        self._know_parts(name, parts, f"{SOMEBODY} {number}")

    def meet_agent(self, agent: Agent) -> None:
        """Add an agent of a roster."""
        texts = {role: getattr(agent, role) for role in NAMING}
        self.meet(agent_id=agent.agent_id, **{role: text for role, text in texts.items() if text})

    def meet_typed(self, text: str) -> None:
        """Add a person by what the user typed. An id or a known text adds nobody."""
        text = text.strip()
        if not text or self.known(text) is not None or _ID.fullmatch(text):
            return
        if "@" in text:
            self.meet(email=text)
        elif text.isascii() and " " not in text:
            self.meet(user_name=text)
        else:
            self.meet(name=text)

    def known(self, text: str | None) -> str | None:
        """The stand-in of a whole text; None if it names nobody."""
        self._settle()
        return self._stand_ins.get(text.strip().lower()) if text else None

    def own(self, text: str) -> str:
        """The stand-in for a text that names a person.

        If it is not known as a whole, the names in it are replaced.
        """
        found = self.known(text)
        return found if found is not None else self.without(text)

    def without(self, text: str) -> str:
        """A text without full, first and last names. Escaped and encoded names are replaced too."""
        return self._without(text, Codes(text, unread=UNREAD))

    def _without(self, text: str, codes: Codes[str]) -> str:
        text = self._named(text, codes)
        for inner in islice(layers(text), 1, None):
            if self._named(inner.text, codes) != inner.text:
                return self._without(inner.text, codes)
        return text

    def _named(self, text: str, codes: Codes[str]) -> str:
        text = encoded_texts_replaced(text, lambda inner: codes.read(inner, lambda one: self._without(one, codes)))
        return self._parts.replaced(self._words.replaced(self.of_things(text)))

    def of_things(self, text: str) -> str:
        """The name of a team or another thing, without people. Full names and e-mail addresses are replaced.

        Single words stay: a team `Support` may have a user `support`.
        """
        self._settle()
        text = self._compounds.replaced(text)
        return WORD_OR_EMAIL.sub(self._address, text) if "@" in text or "%40" in text else text

    def _number(self, agent_id: str, texts: list[str]) -> int:
        """A person's number, by agent id or a known text. 0 without any.

        Two agents with the same e-mail address have different numbers.
        """
        key = f"agent {agent_id.lower()}" if agent_id else ""
        keys = [one for one in (key, *texts) if one]
        known = [self._numbers[one] for one in keys if one in self._numbers]
        number = next((one for one in known if not key or self._agents.get(one, key) == key), 0)
        if keys and not number:
            self._met += 1
            number = self._met
        for one in keys:
            self._numbers.setdefault(one, number)
        if key:
            self._agents[number] = key
        return number

    def _settle(self) -> None:
        """Add texts that may be another person's user name. They must wait until all user names are known."""
        for text, stand_in in self._later:
            self._know(text, stand_in)
        self._later.clear()

    def _address(self, found: re.Match[str]) -> str:
        """The stand-in of an e-mail address, even of an unknown person. Other words stay as they are."""
        if not found[1]:
            return found[0]
        email = found[0].replace("%40", "@")
        if email.endswith(f"@{DOMAIN}"):
            return found[0]
        self.meet(email=email)
        stand_in = self.own(email)
        return stand_in.replace("@", "%40") if "@" not in found[0] else stand_in

    def _know(self, text: str, stand_in: str) -> None:
        text = text.strip()
        if not text or text in self._ids or text.lower() in self._stand_ins:
            return
        self._stand_ins[text.lower()] = stand_in
        if len(text) > LONGEST:
            return
        if plain := _without_accents(text):
            self._later.append((plain, stand_in))
        if text.isdecimal():
            if len(text) >= LONG_NUMBER:
                self._words.add(text, stand_in, alone=True)
        elif len(text) > 1 and text.lower() not in COMMON:
            word = text.isalnum() and text.isascii()
            (self._words if word else self._compounds).add(text, stand_in, alone=word and len(text) < LONG)

    def _know_parts(self, name: str, parts: tuple[str, ...], stand_in: str) -> None:
        named = [part.strip() for part in parts if part.strip()]
        if len(named) > 1:
            first, last = named[0], named[-1]
            for other in (f"{last}, {first}", f"{last} {first}", f"{first}.{last}", f"{last}.{first}"):
                self._later.append((other, stand_in))
            if not (first + last).isascii():
                self._later.append((last + first, stand_in))
        words = name[:LONGEST].replace(",", " ").split()
        if 1 < len(words) <= MOST_WORDS:
            first, last = words[0], words[-1]
            for joined in (first + last, last + first, "".join(words)):
                if len(joined) >= LONG:
                    self._later.append((joined, stand_in.replace(" ", "").lower()))
        every = [*named, *words]
        for part in [*every, *filter(None, map(_without_accents, every))]:
            is_long_enough = len(part) >= (SHORTEST_PART if part.isascii() else 2)
            if is_long_enough and len(part) <= LONGEST and part.lower() not in COMMON:
                self._parts.add(part, SOMEBODY, alone=True)


def _without_accents(text: str) -> str:
    """A text without accents, as user names have it. "" if it has none, or other letters, too."""
    if text.isascii():
        return ""
    plain = "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))
    return plain if plain.isascii() else ""
