#!/usr/bin/env bash
# graphql-core 3.3.2: find_breaking_changes is silent on three changes that break valid operations.
#
# Documented: it lists "all the types of breaking changes". Seen: a schema that takes its mutations away (the type stays, as
# something else uses it) has no change at all, nor has an input that becomes @oneOf; a non-null argument that loses its
# default, and so becomes required, is dangerous only. Operations of before are invalid each time.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check graphql-core==3.3.2 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }

cat > "$folder/seen.py" <<'PYTHON'
from importlib.metadata import version

from graphql import build_schema, parse, validate
from graphql.utilities import find_breaking_changes, find_dangerous_changes

CHANGES = {
    "mutations taken away": (
        "schema { query: Q mutation: M } type Q { m: M } type M { like: Int }",
        "schema { query: Q } type Q { m: M } type M { like: Int }",
        "mutation { like }",
    ),
    "input becomes @oneOf": (
        "input By { id: ID name: String } type Query { pet(by: By!): Int }",
        "input By @oneOf { id: ID name: String } type Query { pet(by: By!): Int }",
        '{ pet(by: { id: 1, name: "Rex" }) }',
    ),
    "default of a non-null argument taken away": (
        "type Query { pets(first: Int! = 20): Int }",
        "type Query { pets(first: Int!): Int }",
        "{ pets }",
    ),
}


def seen(before, after, operation):
    old, new, document = build_schema(before), build_schema(after), parse(operation)
    breaking, dangerous = find_breaking_changes(old, new), find_dangerous_changes(old, new)
    was_valid = not validate(old, document)
    # Validation of graphql-core lets an operation type pass that the schema lacks; execution refuses it.
    kind = document.definitions[0].operation
    is_valid = new.get_root_type(kind) is not None and not validate(new, document)
    return was_valid, is_valid, [change.type.name for change in breaking], [change.type.name for change in dangerous]


found = {name: seen(*change) for name, change in CHANGES.items()}
print(f"graphql-core {version('graphql-core')}: valid before, valid after, breaking changes, dangerous changes")
for name, answers in found.items():
    print(f"{name}: {answers}")
if list(found.values()) == [
    (True, False, [], []),
    (True, False, [], []),
    (True, False, [], ["ARG_DEFAULT_VALUE_CHANGE"]),
]:
    print("as found: none of them is called breaking")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
