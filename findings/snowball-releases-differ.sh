#!/usr/bin/env bash
# PyStemmer 3.1.0 and nltk 3.10.4: two releases of Snowball's English stemmer give five common words other stems.
#
# Both are documented as Snowball's English stemmer (Porter 2). Seen: evening, added, university, pasted and biologist
# become evening, add, universiti, paste and biolog by PyStemmer, and even, ad, univers, past and biologist by nltk, so
# that a table of stems that one of them made does not fit the other.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check PyStemmer==3.1.0 nltk==3.10.4 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }

cat > "$folder/seen.py" <<'PYTHON'
from importlib.metadata import version

from nltk.stem.snowball import EnglishStemmer
from Stemmer import Stemmer

WORDS = ["evening", "added", "university", "pasted", "biologist", "running", "flies"]

by_pystemmer, by_nltk = Stemmer("english").stemWord, EnglishStemmer().stem
seen = {word: (by_pystemmer(word), by_nltk(word)) for word in WORDS}
print(f"PyStemmer {version('PyStemmer')}, nltk {version('nltk')}")
for word, stems in seen.items():
    print(f"{word}: {stems[0]} by PyStemmer, {stems[1]} by nltk")
expected = {
    "evening": ("evening", "even"),
    "added": ("add", "ad"),
    "university": ("universiti", "univers"),
    "pasted": ("paste", "past"),
    "biologist": ("biolog", "biologist"),
    "running": ("run", "run"),
    "flies": ("fli", "fli"),
}
if seen == expected:
    print("as found: five of seven words have other stems")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
