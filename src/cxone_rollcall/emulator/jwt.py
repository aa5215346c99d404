"""JWTs signed with RS256, by a key pair that is grown from a seed. No security: anybody can grow the same key.

RFC 8017, section 8.2 (RSASSA-PKCS1-v1_5), and RFC 7517 for the published key, in the standard library's integers.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from math import gcd, prod
from typing import NamedTuple

from cxone_rollcall.emulator.oauth import base64url
from cxone_rollcall.emulator.world import draw

_EXPONENT = 65537
_PRIME_BITS = 1024
_SMALL = tuple(n for n in range(3, 4000) if all(n % d for d in range(2, int(n**0.5) + 1)))
_SMALL_PRODUCT = prod(_SMALL)
# What stands before the digest: the name of SHA-256, in DER.
_SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")


class Key(NamedTuple):
    """A key pair: two primes, their product, and the exponent that signs, once for each prime."""

    p: int
    q: int
    modulus: int
    p_exponent: int
    q_exponent: int
    q_inverse: int

    @property
    def name(self) -> str:
        """The id that tokens and key set know this key by."""
        return hashlib.sha256(self.modulus.to_bytes(256)).hexdigest()[:16]

    def published(self) -> dict[str, str]:
        """Return the public half, as an entry of a key set."""
        numbers = {
            name: base64url(value.to_bytes((value.bit_length() + 7) // 8)).decode()
            for name, value in (("n", self.modulus), ("e", _EXPONENT))
        }
        return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.name, **numbers}

    def sign(self, claims: Mapping[str, object]) -> str:
        """Return the claims as a signed token."""
        header = {"alg": "RS256", "typ": "JWT", "kid": self.name}
        signed = b".".join(base64url(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
        digest = _SHA256 + hashlib.sha256(signed).digest()
        padded = int.from_bytes(b"\0\1" + b"\xff" * (253 - len(digest)) + b"\0" + digest)
        by_p, by_q = pow(padded, self.p_exponent, self.p), pow(padded, self.q_exponent, self.q)
        signature = by_q + (by_p - by_q) * self.q_inverse % self.p * self.q
        return b".".join((signed, base64url(signature.to_bytes(256)))).decode()


@lru_cache(maxsize=8)
def key(seed: int) -> Key:
    """Return the key pair of this seed, of 2048 bits; growing it takes about half a second, once."""
    p, q = _prime(seed, 0), _prime(seed, 1)
    d = pow(_EXPONENT, -1, (p - 1) * (q - 1))
    return Key(p, q, p * q, d % (p - 1), d % (q - 1), pow(q, -1, p))


def _prime(seed: int, which: int) -> int:
    bits = 0
    for part in range(_PRIME_BITS // 64):
        bits = bits << 64 | draw(seed, 0x4B4559, which, part)
    # The two highest bits are set, so that the product of two such numbers has 2048 bits.
    candidate = bits | 3 << _PRIME_BITS - 2 | 1
    while gcd(candidate, _SMALL_PRODUCT) > 1 or candidate % _EXPONENT == 1 or not _is_prime(candidate):
        candidate += 2
    return candidate


def _is_prime(number: int) -> bool:
    """Miller and Rabin's test; for a random number of this size a few bases err never in practice."""
    twos = (number - 1 & 1 - number).bit_length() - 1
    for base in (2, 3, 5, 7):
        power = pow(base, number - 1 >> twos, number)
        if power in {1, number - 1}:
            continue
        for _ in range(twos - 1):
            power = power * power % number
            if power == number - 1:
                break
        else:
            return False
    return True
