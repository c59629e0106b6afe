"""Password hashes by argon2id. Hashing or checking one takes some 20 ms of a core and 19 MiB."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# RFC 9106 and OWASP's second recommendation: 19 MiB, two passes, one lane.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """A different hash each time: the salt is random."""
    return HASHER.hash(password)


def password_matches(password_hash: str, password: str) -> bool:
    """False also where `password_hash` is no hash."""
    try:
        return HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
