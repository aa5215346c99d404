"""JWTs signed with RS256, by a published key pair.

Its private key is in this file, so a signature by it proves nothing.

RFC 8017, section 8.2 (RSASSA-PKCS1-v1_5), and RFC 7517 for the published key, in the standard library's integers.
"""

import hashlib
from collections.abc import Mapping
from math import prod
from operator import mul

from cxone_rollcall.emulator.oauth import base64url
from cxone_rollcall.emulator.wire import compact

_PRIMES = [
    int(prime, 16)
    for prime in (
        "f19464b83914a2c26691938c04855ca75ef2e029e954724ab8c61c89c8eeb037",
        "f30f4ac9430f949a8e0853bbcb9cbb3a50920fea24357c31fe96492df21db227",
        "f50546ac9bfa3bbdb04908b395d6aa98ddf996f6ada02e324e7a7a821e6d58c7",
        "f64b5a239f0fb3f1c5d5b9f1fd52aa57433c7b0359b247d80ef8626208a2f03b",
        "f6f4c7cd11c6381fb33eb6f7c6adbe30bec4737b107f1afa6df054366601fa83",
        "fabcd8aedae3524a357e69a8a8b17c3acd3a8d310a9319c8eb5ded3b1c250a6b",
        "ff0f8f64eb08f0e6c335373616dadf7ca54dc6aa653ad8e2377281d125f4488f",
        "ff0f9107e4cc0ba740fd8f78ba2c11d8a434463e9b493e419224f735edbb7411",
    )
]
"""Eight primes of 256 bits. With two of 1,024, whose product is as long, each signature takes ten times as long."""
MODULUS, EXPONENT = prod(_PRIMES), 65537
KEY_ID = hashlib.sha256(MODULUS.to_bytes(256)).hexdigest()[:16]
# A signature is made modulo each prime, and these are combined (Chinese remainder theorem).
_PRIVATE = [pow(EXPONENT, -1, prime - 1) for prime in _PRIMES]
_COEFFICIENTS = [MODULUS // prime * pow(MODULUS // prime, -1, prime) for prime in _PRIMES]
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
    remainders = (pow(padded % prime, private, prime) for prime, private in zip(_PRIMES, _PRIVATE, strict=True))
    signature = sum(map(mul, remainders, _COEFFICIENTS)) % MODULUS
    return b".".join((signed, base64url(signature.to_bytes(256)))).decode()
