#!/usr/bin/env bash
# strawberry-graphql 0.341.2: of a subscription, on_execute ends before its first event.
#
# Documented: "on_execute can be used to execute code on the start and end of the execution step". Seen: for a query the
# resolver runs between its start and end; for a subscription it starts and ends before the source has given its first
# event, so that what it holds open (a timer, a transaction, a context) is closed while events are made. on_operation
# encloses them.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check strawberry-graphql==0.341.2 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }

cat > "$folder/seen.py" <<'PYTHON'
import asyncio
from collections.abc import AsyncGenerator
from importlib.metadata import version

import strawberry
from strawberry.extensions import SchemaExtension

seen = []


class Watching(SchemaExtension):
    def on_operation(self):
        seen.append("operation begins")
        yield
        seen.append("operation ends")

    def on_execute(self):
        seen.append("execute begins")
        yield
        seen.append("execute ends")


@strawberry.type
class Query:
    @strawberry.field
    def number(self) -> int:
        seen.append("resolved")
        return 1


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def number(self) -> AsyncGenerator[int, None]:
        seen.append("event")
        yield 1


async def runs():
    schema = strawberry.Schema(Query, subscription=Subscription, extensions=[Watching])
    await schema.execute("{ number }")
    query, _ = seen[:], seen.clear()
    async for _ in await schema.subscribe("subscription { number }"):
        pass
    return query, seen


query, subscription = asyncio.run(runs())
print(f"strawberry-graphql {version('strawberry-graphql')}")
print(f"query: {', '.join(query)}")
print(f"subscription: {', '.join(subscription)}")
begins, ends = ["operation begins", "execute begins"], ["execute ends", "operation ends"]
if query == [*begins, "resolved", *ends] and subscription == [*begins, "execute ends", "event", "operation ends"]:
    print("as found: the event comes after the end")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
