"""Parser of search queries. Input that can't be parsed is refused by name; nothing is dropped silently."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Final

from core.errors import BadInputError
from core.ids import MAX_ID, UserId, first_id_of
from core.search.groups import Kind, Token, alternatives_of
from core.search.query import (
    Alternative,
    AtLeast,
    ByFollowees,
    Clause,
    Condition,
    Measure,
    Person,
    Phrase,
    Posted,
    Query,
    Term,
)
from core.text.fold import tag_key, words
from core.text.terms import TermRole, Trait, handle_term, host_term, lang_term, person_term, tag_term, tokens
from core.text.text import TextError, clean_tag, handle_key, is_handle
from core.text.urls import AT_SIGNS, HASH_SIGNS

LONGEST_QUERY: Final = 280

_NO_TEXT: Final = re.compile("[\u0000\ud800-\udfff]")
# A link is no operator: http://...
_OPERATOR: Final = re.compile(r"(?P<name>[A-Za-z_]+):(?!//)(?P<value>.*)", re.DOTALL)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_LANG: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_HOST: Final = re.compile(r"(?:[^\s./:?#@]+\.)+[^\s./:?#@]{2,}")


def read_query(typed: str) -> Query:
    """Raises BadInputError, which names the part that can't be parsed."""
    if len(typed) > LONGEST_QUERY:
        raise BadInputError(f"A search has {LONGEST_QUERY} characters at most, this one {len(typed)}.")
    if _NO_TEXT.search(typed):
        raise BadInputError("There is a character in the search that no text may have.")
    return Query(alternatives_of(typed, _conditions))


def tagged(key: str) -> Query:
    """The query for tweets with a hashtag."""
    return _all_of(Term(tag_term(key)))


def mentioning(user_id: UserId) -> Query:
    """The query for tweets that mention a user."""
    return _all_of(Term(person_term(TermRole.MENTIONED, user_id)))


def _all_of(*conditions: Condition) -> Query:
    return Query((Alternative(tuple(map(Clause, conditions))),))


def _conditions(token: Token) -> list[Condition]:
    """Empty for a token without letters and digits, such as a lone emoji."""
    if token.kind is Kind.PHRASE:
        return [_phrase(token.text)]
    sign, rest = token.text[0], token.text[1:]
    if sign in HASH_SIGNS:
        return [Term(tag_term(_tag(token.text)))]
    if sign in AT_SIGNS:
        return [Term(handle_term(_handle("@", rest)))]
    operator = _OPERATOR.fullmatch(token.text)
    if operator:
        return [_operation(operator["name"], operator["value"])]
    found = [_sequence(tokens(word)) for word in words(token.text)]
    if token.is_negated and len(found) > 1:
        return [_phrase(token.text)]
    return found


def _phrase(text: str) -> Condition:
    found = tokens(text)
    if not found:
        raise BadInputError(f'There is no word in "{text}".')
    return _sequence(found)


def _sequence(found: list[str]) -> Condition:
    return Term(found[0]) if len(found) == 1 else Phrase(tuple(found))


def _operation(name: str, value: str) -> Condition:
    read = _OPERATORS.get(name.lower())
    if read is None:
        raise BadInputError(f"There is no operator {name}:. Put quotes around words with a colon.")
    return read(f"{name.lower()}:", value)


def _tag(text: str) -> str:
    try:
        return tag_key(clean_tag(text))
    except TextError:
        raise BadInputError(f"{text} is no hashtag.") from None


def _handle(name: str, value: str) -> str:
    handle = value[1:] if value[:1] in tuple(AT_SIGNS) else value
    if not is_handle(handle):
        raise BadInputError(f"{name} needs a handle, 1 to 15 letters, digits and underscores; {value!r} is none.")
    return handle_key(handle)


def _person(role: TermRole) -> Callable[[str, str], Condition]:
    return lambda name, value: Person(role, _handle(name, value))


def _day(name: str, value: str) -> int:
    """The first id of the day, UTC."""
    try:
        day = date(*map(int, value.split("-"))) if _DAY.fullmatch(value) else None
    except ValueError:
        day = None
    if day is None:
        raise BadInputError(f"{name} needs a day, YYYY-MM-DD; {value!r} is none.")
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return min(first_id_of(int(begin.timestamp()) * 1000), MAX_ID)


def _since(name: str, value: str) -> Condition:
    return Posted(_day(name, value), MAX_ID)


def _until(name: str, value: str) -> Condition:
    return Posted(0, _day(name, value))


def _lang(name: str, value: str) -> Condition:
    if not _LANG.fullmatch(value):
        raise BadInputError(f"{name} needs a language such as en; {value!r} is none.")
    return Term(lang_term(value))


def _at_least(measure: Measure) -> Callable[[str, str], Condition]:
    def read(name: str, value: str) -> Condition:
        if not _NUMBER.fullmatch(value):
            raise BadInputError(f"{name} needs a whole number up to 999999999; {value!r} is none.")
        return AtLeast(measure, int(value))

    return read


def _choice(choices: Mapping[str, Condition]) -> Callable[[str, str], Condition]:
    def read(name: str, value: str) -> Condition:
        found = choices.get(value.lower())
        if found is None:
            raise BadInputError(f"{name} needs one of {', '.join(choices)}; {value!r} is none.")
        return found

    return read


def _url(name: str, value: str) -> Condition:
    if not _HOST.fullmatch(value):
        raise BadInputError(f"{name} needs a host such as example.org; {value!r} is none.")
    return Term(host_term(value))


_CONTENTS: Final = (Trait.LINKS, Trait.MENTIONS, Trait.HASHTAGS, Trait.MEDIA, Trait.IMAGES)
_OPERATORS: Final[Mapping[str, Callable[[str, str], Condition]]] = {
    **{role.value: _person(role) for role in TermRole},
    "since": _since,
    "until": _until,
    "lang": _lang,
    "min_likes": _at_least(Measure.LIKES),
    "min_retweets": _at_least(Measure.RETWEETS),
    "has": _choice({trait.split(":")[1]: Term(trait) for trait in _CONTENTS}),
    "is": _choice({trait.split(":")[1]: Term(trait) for trait in (Trait.REPLY, Trait.QUOTE)}),
    "filter": _choice({"follows": ByFollowees()}),
    "url": _url,
}
