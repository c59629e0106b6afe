#!/usr/bin/env bash
# pycld2 0.42: with bestEffort, wrong guesses are called reliable, one of them a language that does not exist.
#
# Documented: bestEffort allows "low-quality results for short text", and isReliable is "True if the detection is high
# confidence". Seen: the low-quality results are reliable. With bestEffort Greek in Latin letters is reliably Pig Latin,
# with the code zzp, which BCP 47 does not have; Arabic in Latin letters is reliably Khasi, "taxi" English, and two
# sentences of traditional Chinese are reliably Japanese. Without bestEffort all of them are unknown.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pycld2==0.42 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }

cat > "$folder/seen.py" <<'PYTHON'
from importlib.metadata import version

import pycld2

TEXTS = ["kalimera se olous", "ana ta3ban awi w 3ayez anam", "taxi", "又把雨傘忘在公車上了", "頭好痛，今天才星期一"]


def guess(text, is_best_effort):
    is_reliable, _, details = pycld2.detect(text, isPlainText=True, bestEffort=is_best_effort)
    return is_reliable, details[0][1]


best, plain = ([guess(text, effort) for text in TEXTS] for effort in (True, False))
print(f"pycld2 {version('pycld2')}")
for text, one, other in zip(TEXTS, best, plain):
    print(f"{text}: with bestEffort {one}, without {other}")
if best == [(True, code) for code in ("zzp", "kha", "en", "ja", "ja")] and plain == [(False, "un")] * 5:
    print("as found: guesses of bestEffort are reliable, and wrong")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
