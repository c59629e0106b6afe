"""Password hashes by argon2id, of passwords after NFKC.

Hashing or checking one takes some 20 ms of a core and 19 MiB.
"""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.auth.password_rules import normal_password

# RFC 9106 and OWASP's second recommendation: 19 MiB, two passes, one lane.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """A different hash each time: the salt is random."""
    return HASHER.hash(normal_password(password))


def password_matches(password_hash: str, password: str) -> bool:
    """False also where `password_hash` is no hash. A hash of a password as it was typed matches too."""
    normal = normal_password(password)
    return _matches(password_hash, normal) or (normal != password and _matches(password_hash, password))


def _matches(password_hash: str, password: str) -> bool:
    try:
        return HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
