"""Words, hashtags and mentions of a text, as the model compares them."""

import re
import unicodedata


def fold(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def words(text: str) -> list[str]:
    return re.findall(r"\w+", fold(text))


def tags(text: str) -> set[str]:
    return {fold(tag) for tag in re.findall(r"#(\w+)", text)}


def mentions(text: str) -> set[str]:
    return {handle.lower() for handle in re.findall(r"@(\w+)", text)}
