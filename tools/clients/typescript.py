"""TypeScript of the shapes: types, documents, and the version that they were generated for."""

from collections.abc import Iterator

from tools.clients.shapes import Member, Operation, Shape, Shapes, TypeRef

_WORDS = {
    "string": "string",
    "instant": "string",
    "day": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
}
HEAD = """// Generated from schema/schema.graphql and clients/operations/ by `make sdl`. Do not edit.
import type { Operation } from './operation.js';
"""


def typescript(found: Shapes, version: str) -> str:
    return "\n".join([HEAD, f"export const VERSION = '{version}';\n", *_types(found), *_documents(found)])


def _types(found: Shapes) -> Iterator[str]:
    for name, values in found.enums.items():
        words = " | ".join(f"'{value}'" for value in values)
        yield f"export type {name} = {words};\n"
    for shape in found.shapes.values():
        yield _shape(shape)


def _shape(shape: Shape) -> str:
    if shape.union:
        return f"export type {shape.name} = {' | '.join(shape.union)};\n"
    if not shape.members:
        return f"export type {shape.name} = Record<string, never>;\n"
    body = "".join(f"  readonly {_member(member)};\n" for member in shape.members)
    return f"export interface {shape.name} {{\n{body}}}\n"


def _member(member: Member) -> str:
    return f"{member.name}{'' if member.is_required else '?'}: {_ref(member.type)}"


def _ref(of: TypeRef) -> str:
    if of.of is not None:
        text = f"ReadonlyArray<{_ref(of.of)}>"
    elif of.name.startswith("="):
        text = f"'{of.name[1:]}'"
    else:
        text = _WORDS.get(of.name, of.name)
    return f"{text} | null" if of.is_nullable else text


def _documents(found: Shapes) -> Iterator[str]:
    for name, text in found.fragments.items():
        yield f"const {_constant(name)}_FIELDS =\n  '{text}';\n"
    for operation in found.operations:
        yield _document(operation)


def _document(operation: Operation) -> str:
    text = " +\n  ".join([f"'{operation.text}'", *(f"{_constant(one)}_FIELDS" for one in operation.fragments)])
    types = f"{operation.data.name}, {operation.variables.name}"
    return f"export const {_constant(operation.name)} = (\n  {text}) as Operation<{types}>;\n"


def _constant(name: str) -> str:
    return "".join(f"_{letter}" if letter.isupper() and index else letter for index, letter in enumerate(name)).upper()
