"""JWTs signed with RS256, by a published key pair.

Its private key is in this file, so a signature by it proves nothing.

RFC 8017, section 8.2 (RSASSA-PKCS1-v1_5), and RFC 7517 for the published key, in the standard library's integers.
"""

import hashlib
from collections.abc import Mapping

from cxone_rollcall.emulator.oauth import base64url
from cxone_rollcall.emulator.wire import compact

_P = int(
    "ddec226910597680dc8858a419e097c4e93e20279c08cc4be7cc1909ad2e39f3"
    "462fd9ec0feedabddc5d5b8df841a84d5482c6be9592864e97cdc1f154df4539"
    "8fb1c09ac2e7e329fd3670ef8d2f045463909f2a3fffbdeebde3e70dcae1d29e"
    "5add88f2742897ea9d1a10b264e5d715f299c1be5d4f4a3bf44ac6a029b0b78d",
    16,
)
_Q = int(
    "baa46537a0e141cb8c5181b1eefe891448272d434c2cd350dbad21e020cb9b2c"
    "fa56970dc2f5858c1b3e9cdd72282ca5c15a9f06ef3c2ed7d0a7a927f6f87c46"
    "82efafacf490782686111b6e3937854113b676d16359778ce1f1f64f94b8350f"
    "61663c7471e040a87f15995047f2a7d6d0d956955af86fc73d34d3ba79217e43",
    16,
)
"""The two primes, of 1,024 bits each."""
MODULUS, EXPONENT = _P * _Q, 65537
KEY_ID = hashlib.sha256(MODULUS.to_bytes(256)).hexdigest()[:16]
_PRIVATE = pow(EXPONENT, -1, (_P - 1) * (_Q - 1))
# To sign modulo each prime, and to combine the two (Chinese remainder theorem), takes a quarter of the time.
_P_EXPONENT, _Q_EXPONENT, _Q_INVERSE = _PRIVATE % (_P - 1), _PRIVATE % (_Q - 1), pow(_Q, -1, _P)
# The DER prefix of a SHA-256 digest (RFC 8017, section 9.2).
_SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")


def public_key() -> dict[str, str]:
    """Return the public half, as an entry of a key set."""
    numbers = {"n": MODULUS.to_bytes(256), "e": EXPONENT.to_bytes(3)}
    encoded = {name: base64url(number).decode() for name, number in numbers.items()}
    return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID, **encoded}


def unsigned(*parts: Mapping[str, object]) -> bytes:
    """Return header and claims as a token without its signature."""
    return b".".join(base64url(compact(part)) for part in parts)


def sign(claims: Mapping[str, object]) -> str:
    """Return the claims as a signed token."""
    signed = unsigned({"alg": "RS256", "typ": "JWT", "kid": KEY_ID}, claims)
    digest = _SHA256 + hashlib.sha256(signed).digest()
    padded = int.from_bytes(b"\0\1" + b"\xff" * (253 - len(digest)) + b"\0" + digest)
    by_p, by_q = pow(padded, _P_EXPONENT, _P), pow(padded, _Q_EXPONENT, _Q)
    signature = by_q + (by_p - by_q) * _Q_INVERSE % _P * _Q
    return b".".join((signed, base64url(signature.to_bytes(256)))).decode()
