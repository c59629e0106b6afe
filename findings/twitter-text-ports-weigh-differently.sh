#!/usr/bin/env bash
# twitter-text 3.1.0 (npm) and twitter-text-parser 3.0.0 (PyPI): other weights for the same post, both by configuration v3.
#
# Seen: the copyright sign weighs 1 by npm and 2 by PyPI, which takes it for an emoji, so that 141 of them may be posted by
# one and not by the other; a line break of two characters weighs 2 and 1; people holding hands, an emoji newer than the table of
# npm, weigh 8 and 2.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --prefix "$folder" --silent --no-audit --no-fund twitter-text@3.1.0 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check twitter-text-parser==3.0.0 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }

cat > "$folder/seen.py" <<'PYTHON'
import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from twitter_text import parse_tweet

TEXTS = {
    "copyright": "\N{COPYRIGHT SIGN}",
    "141 of them": "\N{COPYRIGHT SIGN}" * 141,
    "line break": "a\r\nb",
    "people holding hands": "\N{ADULT}\u200d\N{HANDSHAKE}\u200d\N{ADULT}",
    "family": "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}",
}
PROGRAM = """
const { parseTweet } = require('twitter-text');
const weigh = (text) => { const { weightedLength, valid } = parseTweet(text); return [weightedLength, valid]; };
console.log(JSON.stringify(JSON.parse(process.argv[1]).map(weigh)));
"""

folder = Path(__file__).parent
answer = subprocess.run(
    ["node", "-e", PROGRAM, json.dumps(list(TEXTS.values()))], cwd=folder, capture_output=True, check=True, text=True
)
by_npm = dict(zip(TEXTS, map(tuple, json.loads(answer.stdout))))
by_pypi = {name: (seen.weightedLength, seen.valid) for name, seen in ((n, parse_tweet(t)) for n, t in TEXTS.items())}
npm_version = json.loads((folder / "node_modules/twitter-text/package.json").read_text())["version"]
print(f"weight and validity, twitter-text {npm_version}: {by_npm}")
print(f"weight and validity, twitter-text-parser {version('twitter-text-parser')}: {by_pypi}")
if by_npm == {
    "copyright": (1, True),
    "141 of them": (141, True),
    "line break": (4, True),
    "people holding hands": (8, True),
    "family": (2, True),
} and by_pypi == {
    "copyright": (2, True),
    "141 of them": (282, False),
    "line break": (3, True),
    "people holding hands": (2, True),
    "family": (2, True),
}:
    print("as found: three of them weigh differently")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
