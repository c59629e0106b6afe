"""Python of the shapes: enums, msgspec structs, operations, and the version that they were generated for."""

import re
from collections.abc import Iterator

from tools.clients.shapes import Member, Operation, Shape, Shapes, TypeRef

_WORDS = {"string": "str", "instant": "datetime", "day": "date", "integer": "int", "number": "float", "boolean": "bool"}
HEAD = '''"""Generated from schema/schema.graphql and clients/operations/ by `make sdl`. Do not edit."""

from datetime import date, datetime

from msgspec import UNSET, UnsetType

from rookery_client.operation import OpenEnum, Operation, Record
'''


def python(found: Shapes, version: str) -> str:
    return "\n\n".join([HEAD + f'\nVERSION = "{version}"\n', *_types(found), *_documents(found)])


def _types(found: Shapes) -> Iterator[str]:
    for name, values in found.enums.items():
        body = "".join(f'    {value} = "{value}"\n' for value in (*values, "UNKNOWN"))
        yield f"class {name}(OpenEnum):\n{body}"
    plain = {(shape.of, shape.members): shape.name for shape in found.shapes.values() if shape.of}
    for shape in found.shapes.values():
        yield _shape(shape, plain)


def _shape(shape: Shape, plain: dict[tuple[str, tuple[Member, ...]], str]) -> str:
    if shape.union:
        return f"{shape.name} = {' | '.join(shape.union)}\n"
    members = tuple(member for member in shape.members if member.name != "__typename")
    tag = "".join(member.type.name.removeprefix("=") for member in shape.members if member not in members)
    options = f', tag_field="__typename", tag="{tag}"' if tag else ""
    if tag and (base := plain.get((shape.of, members))):
        return f"class {shape.name}({base}, frozen=True{options}):\n    pass\n"
    if not all(member.is_required for member in members):
        options += ", kw_only=True"
    body = "".join(f"    {_member(member)}\n" for member in members) or "    pass\n"
    return f"class {shape.name}(Record, frozen=True{options}):\n{body}"


def _member(member: Member) -> str:
    of = _ref(member.type)
    return f"{_snake(member.name)}: {of}" + ("" if member.is_required else " | UnsetType = UNSET")


def _ref(of: TypeRef) -> str:
    text = f"tuple[{_ref(of.of)}, ...]" if of.of is not None else _WORDS.get(of.name, of.name)
    return f"{text} | None" if of.is_nullable else text


def _documents(found: Shapes) -> Iterator[str]:
    for name, text in found.fragments.items():
        yield f"_{_constant(name)}_FIELDS = '{text}'\n"
    for operation in found.operations:
        yield _document(operation)


def _document(operation: Operation) -> str:
    parts = [f"'{operation.text}'", *(f"_{_constant(one)}_FIELDS" for one in operation.fragments)]
    text = "\n    + ".join(parts)
    types = f"{operation.variables.name}, {operation.data.name}"
    return f"{_constant(operation.name)}: Operation[{types}] = Operation(\n    {text},\n    {operation.data.name},\n)\n"


def _constant(name: str) -> str:
    return _snake(name[0].lower() + name[1:]).upper()


def _snake(name: str) -> str:
    """Raises ValueError for a name that msgspec would not write back as it is."""
    words = re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name)
    first, *others = words.split("_")
    if first + "".join(word.capitalize() for word in others) != name:
        raise ValueError(f"{name} has no form in snake case")
    return words
