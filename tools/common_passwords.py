"""Writes core/auth/common_passwords.txt from the package zxcvbn, which need not be installed otherwise.

`uv run --with zxcvbn==4.5.0 tools/common_passwords.py`, or any Python that has it. The list is of leaked passwords, the
most common first (zxcvbn, MIT licence, see the file's first lines). Passwords that are too short are left out.
"""

import unicodedata
from importlib import import_module
from pathlib import Path
from typing import Final

_COUNT: Final = 10_000
_SHORTEST: Final = 8
_TARGET: Final = Path(__file__).resolve().parents[1] / "core" / "auth" / "common_passwords.txt"
_HEAD: Final = """\
# The 10,000 most common passwords of 8 characters or more, by tools/common_passwords.py from zxcvbn's frequency lists.
#
# MIT License. Copyright (c) 2012-2016 Dan Wheeler and Dropbox, Inc.; Copyright (c) 2016 Daniel Wolf.
#
# Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
# documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
# rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to
# permit persons to whom the Software is furnished to do so, subject to the following conditions: The above copyright
# notice and this permission notice shall be included in all copies or substantial portions of the Software. THE
# SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
# WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS
# OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
# OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


def main() -> None:
    passwords = import_module("zxcvbn.frequency_lists").FREQUENCY_LISTS["passwords"]
    folded = (unicodedata.normalize("NFKC", each).casefold() for each in passwords)
    common = list(dict.fromkeys(each for each in folded if len(each) >= _SHORTEST and each.isprintable()))
    _TARGET.write_text(_HEAD + "\n".join(common[:_COUNT]) + "\n")
    print(f"{len(common[:_COUNT])} passwords")


if __name__ == "__main__":
    main()
