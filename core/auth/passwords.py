"""How passwords are kept: as argon2id hashes. Making and checking one takes some 20 ms of a core and 19 MiB."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# RFC 9106 and OWASP's second recommendation: 19 MiB, two passes, one lane.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """Another one each time, since the salt is drawn anew."""
    return HASHER.hash(password)


def password_matches(password_hash: str, password: str) -> bool:
    """False for what is no hash, too."""
    try:
        return HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
