"""Signs that are typed in several forms."""

from typing import Final

DOUBLE_QUOTES: Final = (
    '"\u00ab\u00bb\u201c\u201d\u201e\u201f\u2039\u203a\u275d\u275e'
    "\u300a\u300b\u300c\u300d\u300e\u300f\u301d\u301e\u301f\uff02\uff62\uff63"
)
"""Signs around a phrase: straight, curly, guillemets, East Asian."""

DASHES: Final = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
"""Hyphens, dashes and the minus of mathematics, without the hyphen-minus of keyboards."""
