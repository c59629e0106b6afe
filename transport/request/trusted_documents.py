"""The file of trusted documents: a JSON object from SHA-256 to document, read once at startup."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import msgspec

from core.settings import SettingsError


def read_trusted(path: str | None) -> Mapping[str, str] | None:
    """None without a file. Raises SettingsError with the fault."""
    if path is None:
        return None
    try:
        documents = msgspec.json.decode(Path(path).read_bytes(), type=dict[str, str])
    except (OSError, msgspec.MsgspecError) as error:
        raise SettingsError(f"ROOKERY_TRUSTED_DOCUMENTS: no JSON object of hash to document: {error}") from None
    for digest, text in documents.items():
        if sha256(text.encode()).hexdigest() != digest:
            raise SettingsError(f"ROOKERY_TRUSTED_DOCUMENTS: {digest[:64]} is not the SHA-256 of its document")
    return documents
