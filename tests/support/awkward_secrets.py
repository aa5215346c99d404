"""Secrets that encodings write in different ways."""

from __future__ import annotations

SECRETS = [
    "s3cret-plain",
    "two words",
    "a=b&c=d/e",
    "100%+more",
    "quo\"te's<x>",
    "pässwörd",
    "密码密码密码",
    "back\\slash",
]
