"""Structure of a typed search: tokens, and the alternatives that OR, AND, minus and parentheses make of them."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from enum import Enum, auto
from itertools import chain
from typing import Final, NamedTuple, TypeAlias

from core.errors import BadInputError
from core.search.query import Alternative, Clause, Condition
from core.text.signs import DOUBLE_QUOTES

MOST_TERMS: Final = 20
MOST_ALTERNATIVES: Final = 20

_SIGNS: Final = {**dict.fromkeys(map(ord, DOUBLE_QUOTES), '"'), ord("\uff08"): "(", ord("\uff09"): ")"}
# Single quotes, which are apostrophes too: only around something, and never inside of a word.
_SINGLE_QUOTES: Final = re.compile(
    r"(?<!\w)[\u2018\u201a\u201b](?=\S)(?P<phrase>(?:[^\u2018\u2019\u201a]|\u2019(?=\w))++)[\u2018\u2019](?!\w)"
)
_TOKEN: Final = re.compile(r'\s*+(?:(?P<close>\))|(?P<minus>-?)(?:(?P<open>\()|"(?P<phrase>[^"]*)"|(?P<bare>[^\s"]+)))')


class Kind(Enum):
    WORD = auto()
    PHRASE = auto()
    OPEN = auto()
    CLOSE = auto()
    OR = auto()
    AND = auto()


class Token(NamedTuple):
    """A token as typed; a phrase without its quotes, nothing without its minus."""

    kind: Kind
    text: str = ""
    is_negated: bool = False


_Alternatives: TypeAlias = list[tuple[Clause, ...]]
_NOTHING: Final[_Alternatives] = [()]
_AND_ALONE: Final = "AND needs something to look for on both sides."
_OPERATORS: Final = {"OR": Kind.OR, "AND": Kind.AND}


def alternatives_of(typed: str, conditions_of: Callable[[Token], Sequence[Condition]]) -> tuple[Alternative, ...]:
    """The search as alternatives without groups. `conditions_of` reads a word or phrase; empty if there is none in it.

    Raises BadInputError for an unclosed quote or parenthesis, an operator without a side, and for too many terms.
    """
    plain = _with_plain_quotes(typed)
    if plain.count('"') % 2:
        raise BadInputError("A quote in the search is not closed.")
    found = _Reader(list(_tokens(plain)), conditions_of).read()
    return tuple(map(Alternative, found))


def _with_plain_quotes(typed: str) -> str:
    """Signs of all kinds in their plain form; single quotes around a phrase are double ones, outside of these."""
    parts = typed.translate(_SIGNS).split('"')
    parts[::2] = [_SINGLE_QUOTES.sub(r'"\g<phrase>"', part) for part in parts[::2]]
    return '"'.join(parts)


class _Reader:
    """Recursive descent; OR binds weakest."""

    def __init__(self, tokens: list[Token], conditions_of: Callable[[Token], Sequence[Condition]]) -> None:
        self._tokens, self._at = tokens, 0
        self._conditions_of = conditions_of
        self._count = 0

    def read(self) -> _Alternatives:
        found = self._either()
        if self._next() is not None:
            raise BadInputError("A parenthesis in the search is closed that was not opened.")
        if not self._count:
            raise BadInputError("The search is empty: there is no word in it.")
        if self._count > MOST_TERMS:
            raise BadInputError(f"A search has {MOST_TERMS} terms at most, this one {self._count}.")
        return found

    def _either(self) -> _Alternatives:
        sides = [self._all()]
        while self._take(Kind.OR):
            sides.append(self._all())
        if len(sides) > 1 and not all(map(any, sides)):
            raise BadInputError("OR needs something to look for on both sides.")
        return _bounded(chain.from_iterable(sides))

    def _all(self) -> _Alternatives:
        """[()] if there is no word."""
        found, is_owed = _NOTHING, False
        while (token := self._next()) is not None and token.kind not in (Kind.OR, Kind.CLOSE):
            self._at += 1
            if token.kind is Kind.AND:
                if is_owed or not any(found):
                    raise BadInputError(_AND_ALONE)
                is_owed = True
            elif any(part := self._group(token) if token.kind is Kind.OPEN else self._term(token)):
                found, is_owed = _both(found, part), False
        if is_owed:
            raise BadInputError(_AND_ALONE)
        return found

    def _group(self, opened: Token) -> _Alternatives:
        inside = self._either()
        if not self._take(Kind.CLOSE):
            raise BadInputError("A parenthesis in the search is not closed.")
        if not any(inside):
            raise BadInputError("There is no word in the parentheses.")
        return _negated(inside) if opened.is_negated else inside

    def _term(self, token: Token) -> _Alternatives:
        clauses = tuple(Clause(condition, token.is_negated) for condition in self._conditions_of(token))
        self._count += len(clauses)
        return [clauses]

    def _take(self, kind: Kind) -> bool:
        token = self._next()
        if token is None or token.kind is not kind:
            return False
        self._at += 1
        return True

    def _next(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None


def _both(one: _Alternatives, other: _Alternatives) -> _Alternatives:
    return _bounded(first + second for first in one for second in other)


def _negated(alternatives: _Alternatives) -> _Alternatives:
    found = _NOTHING
    for clauses in alternatives:
        found = _both(found, [(replace(clause, is_negated=not clause.is_negated),) for clause in clauses])
    return found


def _bounded(alternatives: Iterable[tuple[Clause, ...]]) -> _Alternatives:
    found = list(dict.fromkeys(alternatives))
    if len(found) > MOST_ALTERNATIVES:
        raise BadInputError(f"A search has {MOST_ALTERNATIVES} alternatives at most, its parentheses make more.")
    return found


def _tokens(typed: str) -> Iterator[Token]:
    at = depth = 0
    while match := _TOKEN.match(typed, at):
        at = match.end()
        is_negated, bare = bool(match["minus"]), match["bare"]
        if match["close"]:
            depth -= 1
            yield Token(Kind.CLOSE)
        elif match["open"]:
            depth += 1
            yield Token(Kind.OPEN, is_negated=is_negated)
        elif bare is None:
            yield Token(Kind.PHRASE, match["phrase"], is_negated)
        else:
            word = bare[: _word_end(bare, is_in_group=depth > 0)]
            at -= len(bare) - len(word)
            yield _word(word, is_negated=is_negated)


def _word(text: str, *, is_negated: bool) -> Token:
    if is_negated is (text == "") and text in {"", "-"}:
        raise BadInputError('A lone "-" negates nothing: put it right before what it negates, as in -crow.')
    if text == "NOT" and not is_negated:
        raise BadInputError("There is no NOT: put a minus before what is not wanted, as in -crow.")
    return Token(Kind.WORD if is_negated else _OPERATORS.get(text, Kind.WORD), text, is_negated)


def _word_end(text: str, *, is_in_group: bool) -> int:
    """Where a parenthesis closes that this text did not open. One after signs alone, as in a smiley, closes nothing."""
    depth = 0
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if depth < 0 and (is_in_group or any(map(str.isalnum, text[:at]))):
            return at
        depth = max(depth, 0)
    return len(text)
