#!/usr/bin/env bash
# strawberry-graphql 0.341.2: `last: 0` of a Relay ListConnection answers all edges; `first: 0` none.
#
# Relay's cursor connections specification: with `last`, all but the last n edges are taken away, so that zero leaves none.
# Seen: `last: 0` is as if it were absent, hasPreviousPage false included.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check strawberry-graphql==0.341.2 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }

cat > "$folder/seen.py" <<'PYTHON'
from collections.abc import Iterable
from importlib.metadata import version

import strawberry
from strawberry import relay


@strawberry.type
class Fruit(relay.Node):
    id: relay.NodeID[int]


@strawberry.type
class Query:
    @relay.connection(relay.ListConnection[Fruit])
    def fruits(self) -> Iterable[Fruit]:
        return [Fruit(id=number) for number in range(5)]


schema = strawberry.Schema(Query)


def edges(arguments):
    result = schema.execute_sync("{ fruits(%s) { edges { cursor } pageInfo { hasPreviousPage } } }" % arguments)
    assert result.errors is None, result.errors
    return len(result.data["fruits"]["edges"]), result.data["fruits"]["pageInfo"]["hasPreviousPage"]


seen = {arguments: edges(arguments) for arguments in ("first: 0", "last: 0", "last: 1")}
print(f"strawberry-graphql {version('strawberry-graphql')}, edges and hasPreviousPage of five fruits: {seen}")
if seen == {"first: 0": (0, False), "last: 0": (5, False), "last: 1": (1, True)}:
    print("as found: last: 0 answers everything")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
