"""Letters that are spelled in plain ones: Latin letters with strokes, hooks and tails, ligatures, and letters of one
language alone, each by the spelling that people type without its keyboard (CLDR, Latin-ASCII). All are in lower case.
"""

from typing import Final

_LATIN: Final = """
a ⱥ ᶏ|b ƀ ɓ ƃ ᵬ ᶀ|c ȼ ƈ ɕ|d đ ð ɖ ɗ ƌ ᵭ ᶁ ȡ|e ǝ ə ɇ ɛ ᶒ ⱸ|f ƒ ᵮ ᶂ|g ǥ ɠ ᶃ ꞡ|h ħ ɦ ⱨ|i ı ɨ ɩ ᶖ|j ȷ ɉ ʝ|k ĸ ƙ ⱪ ᶄ ꝁ ꞣ
l ł ƚ ɫ ɬ ɭ ƛ ȴ ⱡ ꝉ|m ɱ ᵯ ᶆ|n ŋ ɲ ɳ ƞ ȵ ᵰ ᶇ ꞥ|o ø ɔ ɵ ⱺ ꝋ|p ƥ ᵽ ᵱ ᶈ|q ɋ ʠ|r ɍ ɽ ɼ ɾ ᵲ ᵳ ᶉ ꞧ|s ʂ ȿ ᵴ ᶊ ꞩ
t ŧ ƭ ʈ ƫ ȶ ⱦ ᵵ|u ʉ ᵾ ᶙ|v ʋ ⱴ ᶌ|w ⱳ|x ᶍ|y ƴ ɏ|z ƶ ȥ ɀ ʐ ʑ ⱬ ᵶ ᶎ
ae æ|ao ꜵ|au ꜷ|av ꜹ|ay ꜽ|oe œ|oi ƣ|oo ꝏ|ou ȣ|db ȸ|qp ȹ|hv ƕ|th þ ꝥ|ss ß|ts ʦ|tc ʨ|dz ʣ|ls ʪ|lz ʫ
"""  # noqa: RUF001 - they look alike, that is the point

PLAIN_LETTERS: Final = {
    ord(letter): plain
    for plain, *letters in (entry.split() for line in _LATIN.split("\n") for entry in line.split("|") if entry)
    for letter in letters
}
"""For `str.translate`."""
