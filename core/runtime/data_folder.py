"""The folder for data of this checkout, where no setting names another."""

import hashlib
import os
import sys
from pathlib import Path


def default_data_folder() -> Path:
    """A folder in the user's data directory, one for each checkout, so that two checkouts don't share data."""
    checkout = Path(__file__).resolve().parents[2]
    name = f"{checkout.name}-{hashlib.sha256(str(checkout).encode()).hexdigest()[:8]}"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "rookery" / name
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "rookery" / name


def media_url_in(data: Path) -> str:
    return (data / "media").as_uri()


def default_media_url() -> str:
    return media_url_in(default_data_folder())
