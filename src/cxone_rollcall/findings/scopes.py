"""Scopes and their spellings: `agent:read`, `AGENT:READ` and `agents.read` are the same."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

_WORDS = re.compile(r"[\w*-]+:[\w*-]+")


def grants(granted: Iterable[str], scope: str) -> bool:
    """Whether a granted scope is this one or includes it. `agent:*` and `*` do; spelling does not matter."""
    wanted = _normal(scope)
    return any(fnmatchcase(wanted, _normal(one)) for one in granted)


def has_scopes_of_this_kind(granted: Iterable[str]) -> bool:
    """Whether any scope is like this API's, `word:word`. `openid` is not."""
    return any(_WORDS.fullmatch(_normal(one)) for one in granted)


def _normal(scope: str) -> str:
    resource, colon, right = scope.casefold().replace(".", ":").partition(":")
    return f"{resource.removesuffix('s')}{colon}{right}"
