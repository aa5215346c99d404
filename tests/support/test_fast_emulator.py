"""What the tests compute by other means than the emulator comes to the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.support.fast_emulator import SOON_GROWN, key, own_key, own_sign, own_stance, sign

from cxone_rollcall.emulator import jwt
from cxone_rollcall.emulator.world import World

CLAIMS = st.dictionaries(st.text(max_size=5), st.text(max_size=20) | st.integers() | st.booleans(), max_size=5)


@given(CLAIMS, st.integers(0, 3))
def test_signatures(claims: dict[str, object], seed: int) -> None:
    """OpenSSL's tokens are the emulator's own, byte for byte."""
    assert sign(key(seed), claims) == own_sign(key(seed), claims)


@given(st.integers(1, 9), st.integers(0, 8), st.integers(0, 2**31))
def test_stances(agents: int, index: int, moment: int) -> None:
    """What an agent is doing at a moment is what the emulator works out anew."""
    world = World(agents, agents % 3)
    for _ in range(2):
        assert world.stance(index % agents, moment) == own_stance(world, index % agents, moment)


def test_they_are_used() -> None:
    """Every test is run with them; the emulator's own are other ones."""
    assert jwt.key is key is not own_key
    assert jwt.Key.sign is sign is not own_sign
    assert World.stance is not own_stance


def test_own_keys() -> None:
    """A key of the emulator's own is one pair of a seed: two primes of 1,024 bits, and the exponents that belong."""
    own = own_key(SOON_GROWN[0])
    assert own == own_key.__wrapped__(SOON_GROWN[0])
    assert own != own_key(SOON_GROWN[1])
    assert own.modulus == own.p * own.q
    assert own.modulus.bit_length() == 2048
    for prime, exponent in ((own.p, own.p_exponent), (own.q, own.q_exponent)):
        assert pow(3, prime - 1, prime) == 1
        assert exponent * 65537 % (prime - 1) == 1
    assert own.q_inverse * own.q % own.p == 1
