"""Random documents over the stub schema, and their measures with every fragment expanded."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from hypothesis import strategies as st

TypeName = Literal["Item", "Author"]


@dataclass(frozen=True)
class Leaf:
    name: str
    alias: str | None
    directives: int


@dataclass(frozen=True)
class Branch:
    """A field with selections: `author` of an item, `items` of an author."""

    first: int | None
    below: "tuple[Selection, ...]"
    alias: str | None
    directives: int


@dataclass(frozen=True)
class Inline:
    below: "tuple[Leaf, ...]"
    directives: int


@dataclass(frozen=True)
class Spread:
    name: str
    directives: int


Selection = Leaf | Branch | Inline | Spread


@dataclass(frozen=True)
class Document:
    """`{ items { ... } }` and fragments, each of which spreads only later ones."""

    selections: tuple[Selection, ...]
    fragments: Mapping[str, tuple[TypeName, tuple[Selection, ...]]]

    def text(self) -> str:
        parts = [f"{{ items(first: 1) {_written('Item', self.selections)} }}"]
        parts += [f"fragment {name} on {on} {_written(on, body)}" for name, (on, body) in self.fragments.items()]
        return " ".join(parts)


@dataclass(frozen=True)
class Counts:
    selections: int
    aliases: int
    directives: int
    depth: int
    cost: int


def brute_force(document: Document) -> Counts:
    """The smallest limits that admit the document."""
    roots = [_counts("Item", document.selections, document, 1)]
    operation = Counts(
        roots[0].selections + 1, roots[0].aliases, roots[0].directives, roots[0].depth, roots[0].cost + 1
    )
    fragments = {name: _counts(on, body, document, 0) for name, (on, body) in document.fragments.items()}
    spread = {each.name for each in _spreads(document)}
    everything = [operation, *fragments.values()]
    return Counts(
        max(
            operation.selections + sum(counts.selections for name, counts in fragments.items() if name not in spread),
            *(counts.selections for counts in everything),
        ),
        max(counts.aliases for counts in everything),
        max(counts.directives for counts in everything),
        max(counts.depth for counts in everything),
        max(counts.cost for counts in everything),
    )


def _counts(on: TypeName, selections: Sequence[Selection], document: Document, level: int) -> Counts:
    """Walks the document with every fragment expanded where it is spread."""
    selected = aliases = directives = cost = 0
    depth = level
    for each in selections:
        selected += 1
        directives += each.directives
        if isinstance(each, Leaf):
            aliases += each.alias is not None
            depth = max(depth, level + 1)
            continue
        if isinstance(each, Branch):
            below = _counts("Author" if on == "Item" else "Item", each.below, document, level + 1)
            aliases += each.alias is not None
            times = 1 if on == "Item" else 20 if each.first is None else each.first
            cost += times * (below.cost + 1)
        else:
            body = each.below if isinstance(each, Inline) else document.fragments[each.name][1]
            below = _counts(on, body, document, level)
            cost += below.cost
        selected += below.selections
        aliases += below.aliases
        directives += below.directives
        depth = max(depth, below.depth)
    return Counts(selected, aliases, directives, depth, cost)


def _spreads(document: Document) -> Iterator[Spread]:
    waiting = [*document.selections, *(each for _, body in document.fragments.values() for each in body)]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Spread):
            yield each
        elif isinstance(each, Branch | Inline):
            waiting.extend(each.below)


def _written(on: TypeName, selections: Sequence[Selection]) -> str:
    return "{ " + " ".join(_written_one(on, each) for each in selections) + " }"


def _written_one(on: TypeName, each: Selection) -> str:
    directives = " @include(if: true)" * each.directives
    if isinstance(each, Spread):
        return f"...{each.name}{directives}"
    if isinstance(each, Inline):
        return f"... on {on}{directives} {_written(on, each.below)}"
    alias = f"{each.alias}: " if each.alias else ""
    if isinstance(each, Leaf):
        return f"{alias}{'number' if on == 'Item' else 'name'}{directives}"
    if on == "Item":
        return f"{alias}author{directives} {_written('Author', each.below)}"
    first = "" if each.first is None else f"(first: {each.first})"
    return f"{alias}items{first}{directives} {_written('Item', each.below)}"


_aliases = st.none() | st.sampled_from(["a", "b", "c"])
_directives = st.integers(0, 1)
_leaves = st.builds(Leaf, st.just(""), _aliases, _directives)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    types: list[TypeName] = draw(st.lists(st.sampled_from(["Item", "Author"]), max_size=4))
    fragments = {f"F{index}": (on, draw(_selections(on, _behind(types, index), 2))) for index, on in enumerate(types)}
    return Document(draw(_selections("Item", _behind(types, -1), 2)), fragments)


def _behind(types: Sequence[TypeName], index: int) -> tuple[tuple[str, TypeName], ...]:
    return tuple((f"F{later}", types[later]) for later in range(index + 1, len(types)))


@cache
def _selections(
    on: TypeName, spreadable: tuple[tuple[str, TypeName], ...], levels: int
) -> st.SearchStrategy[tuple[Selection, ...]]:
    choices: list[st.SearchStrategy[Selection]] = [
        _leaves,
        st.builds(Inline, st.lists(_leaves, min_size=1, max_size=2).map(tuple), _directives),
    ]
    if fitting := [name for name, other in spreadable if other == on]:
        choices.append(st.builds(Spread, st.sampled_from(fitting), _directives))
    if levels:
        below = _selections("Author" if on == "Item" else "Item", spreadable, levels - 1)
        choices.append(st.builds(Branch, st.none() | st.integers(1, 5), below, _aliases, _directives))
    return st.lists(st.one_of(choices), min_size=1, max_size=3).map(tuple)
