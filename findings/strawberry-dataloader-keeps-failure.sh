#!/usr/bin/env bash
# strawberry-graphql 0.341.2: its DataLoader remembers a batch that failed, so a key asked for again gives the old error.
#
# The DataLoader of npm, whose interface it has, forgets the keys of a failed batch ("dataloader" 2.2.3, failedDispatch).
# Here load_fn is called once; until `clear` the error of a moment lasts as long as the loader, which for a
# websocket is often as long as the connection. `load_many` raises the first error of a key instead of returning it.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check strawberry-graphql==0.341.2 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }

cat > "$folder/seen.py" <<'PYTHON'
import asyncio
from importlib.metadata import version

from strawberry.dataloader import DataLoader

calls = []


async def load(keys):
    calls.append(list(keys))
    if len(calls) == 1:
        raise ConnectionError("away for a moment")
    return [10 * key for key in keys]


async def attempt(awaitable):
    try:
        return await awaitable
    except Exception as error:
        return f"{type(error).__name__}: {error}"


async def load_with_error(keys):
    return [ValueError(f"no {key}") if key == 2 else key for key in keys]


async def main():
    loader = DataLoader(load_fn=load)
    answers = [await attempt(loader.load(1)) for _ in range(3)]
    loader.clear(1)
    answers.append(await attempt(loader.load(1)))
    return answers, await attempt(DataLoader(load_fn=load_with_error).load_many([1, 2, 3]))


answers, many = asyncio.run(main())
print(f"strawberry-graphql {version('strawberry-graphql')}")
print(f"three loads, and one after clear: {answers}, load_fn called {len(calls)} times")
print(f"load_many with an error for one of three keys: {many}")
error = "ConnectionError: away for a moment"
if answers == [error, error, error, 10] and len(calls) == 2 and many == "ValueError: no 2":
    print("as found: the failure is remembered")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
