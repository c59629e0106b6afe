"""Writes the tables of characters and domains for the web page's tweet weight, from those of core."""

import sys
from pathlib import Path

from core.text.tables.emoji import FLAGS, JOINED, PRESENTED, TONED
from core.text.tables.tlds import ASCII_TLDS, UNICODE_TLDS
from core.text.urls import ACCENTED_LATIN

TABLES = Path(__file__).resolve().parents[1] / "web" / "text" / "tables.js"


def tables() -> str:
    """The source of the JavaScript module."""
    lines = [
        "// Characters, emoji and top-level domains, as core/tables has them. Written by `python -m tools.webtables`.",
        _constant("ACCENTED_LATIN", ACCENTED_LATIN),
        _constant("PRESENTED", PRESENTED),
        _constant("TONED", TONED),
        _constant("JOINED", " ".join(JOINED.split())),
        _constant("FLAGS", " ".join(FLAGS.split())),
        _constant("ASCII_TLDS", " ".join(sorted(ASCII_TLDS))),
        _constant("UNICODE_TLDS", " ".join(sorted(UNICODE_TLDS))),
    ]
    return "\n".join(lines) + "\n"


def _constant(name: str, text: str) -> str:
    escaped = "".join(char if char.isascii() or char.isalpha() else f"\\u{{{ord(char):x}}}" for char in text)
    return f"export const {name} = '{escaped}';"


if __name__ == "__main__":
    TABLES.write_text(tables())
    sys.exit()
