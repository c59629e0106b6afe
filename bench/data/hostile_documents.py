"""Random documents that want validation to work much: few words each, repeated in every place that grammar has."""

from collections.abc import Callable, Sequence
from random import Random

Dice = Random
_NAMES = ("a", "b", "first", "node", "id", "nope", "handle")


def hostile_document(dice: Dice) -> str:
    """Valid in grammar; some are refused by the limits, some by validation, some are valid."""
    return dice.choice(_KINDS)(dice)


def _operations_and_fragments(dice: Dice) -> str:
    number, size = dice.choice((1, 2, 5, 10, 11)), dice.choice((1, 10, 40, 100, 101))
    heads = [
        f"query Q{i}{_declared(dice)} {{ viewer {{ user {{ ...F0 {_fields(dice, 2)} }} }} }}" for i in range(number)
    ]
    chained = dice.random() < 0.5
    parts = [_spreads(dice, size, i, is_chain=chained) + _fields(dice, dice.choice((1, 3))) for i in range(size)]
    fragments = [f"fragment F{i} on User {{ {part} }}" for i, part in enumerate(parts)]
    return " ".join([*heads, *fragments])


def _spreads(dice: Dice, size: int, at: int, *, is_chain: bool) -> str:
    if is_chain:
        return f"...F{at + 1} " if at + 1 < size else ""
    return " ".join(f"...F{dice.randrange(at + 1, size)}" for _ in range(2)) + " " if at + 1 < size else ""


def _equal_fields(dice: Dice) -> str:
    argument = dice.choice(("", "(first: 1)", "(first: $v0)", _long_arguments(dice)))
    below = dice.choice(("", " { pageInfo { hasNextPage } }", " { edges { cursor node { id } } }"))
    return f"query Q0{_declared(dice)} {_of_the_viewer(f'tweets{argument}{below} ' * dice.choice((2, 30, 77)))}"


def _long_arguments(dice: Dice) -> str:
    value = dice.choice(('"x"', "$v0", "{a: 1}", "[1]", "ENUM"))
    return "(" + " ".join(f"{dice.choice(_NAMES)}{i}: {value}" for i in range(dice.choice((3, 10)))) + ")"


def _inline(dice: Dice) -> str:
    condition = dice.choice(("", "on User ", "on Node ", "on Tweet ", "on Nope "))
    depth, times = dice.choice(((1, 200), (1, 77), (30, 1), (5, 10)))
    one = f"... {condition}{{ " * depth + _fields(dice, 1) + " }" * depth
    return f"query Q0 {{ node(id: 1) {{ {' '.join([one] * times)} }} }}"


def _literals(dice: Dice) -> str:
    item = dice.choice(('"x"', "$v1", '{text: "a" nope: 1}', "[[[1]]]", "A"))
    values = " ".join([item] * dice.choice((5, 50, 100)))
    fields = " ".join(f"a{i}: nodes(ids: [{values}]) {{ id }}" for i in range(dice.choice((1, 5, 15, 30))))
    return f"query Q0{_declared(dice)} {{ {fields} }}"


def _objects(dice: Dice) -> str:
    values = [dice.choice(("1", "$v0", "{a: 1}")) for _ in range(dice.choice((5, 60)))]
    inner = " ".join(f"{dice.choice(_NAMES)}{i}: {value}" for i, value in enumerate(values))
    acts = " ".join(f"a{i}: postTweet(input: {{{inner}}}) {{ __typename }}" for i in range(dice.choice((1, 10, 29))))
    return f"mutation Q0{_declared(dice)} {{ {acts} }}"


def _directives(dice: Dice) -> str:
    directive = dice.choice(("@include(if: true)", "@skip(if: $v0)", "@nope", '@stream(label: "a", initialCount: 1)'))
    many = " ".join([directive] * dice.choice((1, 5, 6)))
    return f"query Q0{_declared(dice)} {_of_the_viewer(f'id {many} {_fields(dice, 2)}')}"


def _unknown(dice: Dice) -> str:
    name = dice.choice(("nope", "n" * 40, "viewe", "tweetts"))
    return "query Q0 { " + " ".join(f"{name}{i}" for i in range(dice.choice((10, 799)))) + " }"


def _of_the_viewer(selected: str) -> str:
    return f"{{ viewer {{ user {{ {selected} }} }} }}"


def _declared(dice: Dice) -> str:
    kind = dice.choice(("Int", "ID!", "[ID!]! = []", "PostTweetInput", "Nope"))
    number = dice.choice((0, 2, 60, 100, 101))
    return "(" + " ".join(f"$v{i}: {kind}" for i in range(number)) + ")" if number else ""


def _fields(dice: Dice, number: int) -> str:
    choices: Sequence[str] = (
        *("id", "handle", "nope", "tweets(first: $v0) { pageInfo { hasNextPage } }", "followers { edges { cursor } }"),
        *("... on User { id handle }", "bio @include(if: $v0)", "a: tweets(first: 1, after: $v1) { edges { cursor } }"),
    )
    return " ".join(dice.choice(choices) for _ in range(number))


_KINDS: Sequence[Callable[[Dice], str]] = (
    *(_operations_and_fragments, _operations_and_fragments, _equal_fields, _inline),
    *(_literals, _objects, _directives, _unknown),
)
