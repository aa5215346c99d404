"""Emulated tenants for less: what takes them longest is computed by other means, or once, and comes to the same.

Tokens of the published contract are signed by OpenSSL, in a twentieth of the time. All tenants but those of a few
seeds share the keys of these, which are grown soonest. What an agent is doing at a moment is worked out once.
`tests/support/test_fast_emulator.py` holds each beside the emulator's own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, lru_cache

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPrivateNumbers, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

from cxone_rollcall.emulator import jwt
from cxone_rollcall.emulator.oauth import base64url
from cxone_rollcall.emulator.world import World

SOON_GROWN = (34, 2, 31, 40)
"""Seeds whose keys are grown in less than a tenth of a second; others take a second."""
EXPONENT = 65537

own_key, own_sign, own_stance = jwt.key, jwt.Key.sign, World.stance


@cache
def key(seed: int) -> jwt.Key:
    """Return the key of one of a few seeds in the place of this one's."""
    return own_key(SOON_GROWN[seed % len(SOON_GROWN)])


@cache
def _at_openssl(pair: jwt.Key) -> RSAPrivateKey:
    d = pow(EXPONENT, -1, (pair.p - 1) * (pair.q - 1))
    public = RSAPublicNumbers(EXPONENT, pair.modulus)
    numbers = RSAPrivateNumbers(pair.p, pair.q, d, pair.p_exponent, pair.q_exponent, pair.q_inverse, public)
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


def sign(pair: jwt.Key, claims: Mapping[str, object]) -> str:
    """Return the claims as a signed token."""
    header = {"alg": "RS256", "typ": "JWT", "kid": pair.name}
    signed = b".".join(base64url(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
    signature = _at_openssl(pair).sign(signed, PKCS1v15(), SHA256())
    return b".".join((signed, base64url(signature))).decode()


def cheaper(patch: pytest.MonkeyPatch) -> None:
    """Put these in the place of the emulator's own."""
    patch.setattr(jwt, "key", key)
    patch.setattr(jwt.Key, "sign", sign)
    patch.setattr(World, "stance", lru_cache(maxsize=20_000)(own_stance))
