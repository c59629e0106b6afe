#!/usr/bin/env bash
# graphql-core 3.3.2: @stream sends items that are ready together, up to a hundred in one payload.
#
# The directive says that a list is delivered item by item as they are ready. Seen: of 150 items of an asynchronous
# generator that never waits, with initialCount 1, the first payload after the initial result has 100 and the next one
# 49: somebody who looks for the first item of each payload, or counts payloads, sees two.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check graphql-core==3.3.2 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }

cat > "$folder/seen.py" <<'PYTHON'
import asyncio
from importlib.metadata import version

from graphql import (
    GraphQLField,
    GraphQLInt,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLStreamDirective,
    parse,
    specified_directives,
)
from graphql.execution import experimental_execute_incrementally


async def items(*_):
    for number in range(150):
        yield number


async def sizes():
    query = GraphQLObjectType("Query", {"items": GraphQLField(GraphQLList(GraphQLInt), resolve=items)})
    schema = GraphQLSchema(query, directives=[*specified_directives, GraphQLStreamDirective])
    result = await experimental_execute_incrementally(schema, parse("{ items @stream(initialCount: 1) }"))
    later = [len(one.items) async for payload in result.subsequent_results for one in payload.incremental or ()]
    return [len(result.initial_result.data["items"]), *later]


seen = asyncio.run(sizes())
print(f"graphql-core {version('graphql-core')}, 150 items, initialCount 1: payloads of {seen} items")
if seen == [1, 100, 49]:
    print("as found: ready items come together")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
