#!/usr/bin/env bash
# langdetect 1.0.9: short Chinese texts without a Korean letter are Korean, with a probability of 0.9999.
#
# Both languages have profiles. Seen: two sentences about a film, one in simplified and one in traditional characters,
# are detected as ko; "hello, world" is zh-cn. The seed is fixed, so that the answer is the same each time.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check langdetect==1.0.9 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }

cat > "$folder/seen.py" <<'PYTHON'
from importlib.metadata import version

from langdetect import DetectorFactory, detect_langs

TEXTS = ["这部电影我看了两遍", "這部電影看了兩遍，哭了兩遍", "你好世界"]

DetectorFactory.seed = 0
seen = [(detect_langs(text)[0].lang, round(detect_langs(text)[0].prob, 3)) for text in TEXTS]
print(f"langdetect {version('langdetect')}")
for text, guess in zip(TEXTS, seen):
    print(f"{text}: {guess}")
if seen == [("ko", 1.0), ("ko", 1.0), ("zh-cn", 1.0)]:
    print("as found: Chinese is Korean")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
