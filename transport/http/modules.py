"""The page's modules, combined: all that `main.js` imports is one script, so that a first visit waits for one answer.

Modules that are imported only when they are needed stay files of their own, which take from the script what it has.
The text of the modules is kept as it is, but for imports, exports, lines of comment and indentation. So no module may
depend on the white space at the beginnings of lines of its template literals.
"""

import re
from collections.abc import Mapping
from posixpath import dirname, join, normpath, relpath

APP = "app.js"
ENTRY = "main.js"
_IMPORT = re.compile(
    r"""^import\s*(?:\* as (?P<all>\w+)|(?P<default>\w+)|\{(?P<names>[^}]*)\})\s*from\s*["'](?P<path>\.[^"']+)["'];""",
    re.MULTILINE,
)
_IMPORT_LATER = re.compile(r"""\bimport\(["'](?P<path>\.[^"']+)["']\)""")
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const) (?P<name>\w+))", re.MULTILINE)
_EXPORT_DEFAULT = re.compile(r"(?:^|(?<=;))export default ", re.MULTILINE)
_EXPORT_LIST = re.compile(
    r"""(?:^|(?<=[;}]))export\s*\{(?P<names>[^}]*)\}(?:\s*from\s*["'](?P<path>\.[^"']+)["'])?;?$""", re.MULTILINE
)
_LEFT_OVER = re.compile(r"(?:^|;)(?:import|export)\b(?!\()", re.MULTILINE)
_INDENTATION = re.compile(r"^ +", re.MULTILINE)
_COMMENT = re.compile(r"^ *(?://.*|/\*(?:[^*]|\*(?!/))*\*/)\n", re.MULTILINE)


class ModuleError(Exception):
    """A module is written in a way that can't be combined."""


def combined(modules: Mapping[str, str]) -> dict[str, str]:
    """By name, like `modules`: the script, and what is imported later."""
    early = _in_order(modules, ENTRY)
    bodies = [f"$['{name}'] = (() => {{\n{_as_function(modules[name], name)}}})();\n" for name in early]
    files = {APP: "".join(("const $ = {};\n", *bodies, "export { $ };\n"))}
    files.update((name, _as_file(text, name, set(early))) for name, text in modules.items() if name not in early)
    return files


def shortened(text: str) -> str:
    """Without lines of comment and indentation."""
    return _INDENTATION.sub("", _COMMENT.sub("", text))


def _in_order(modules: Mapping[str, str], entry: str) -> list[str]:
    """All modules that `entry` imports, each behind its own imports."""
    order: list[str] = []
    began: set[str] = set()

    def visit(name: str) -> None:
        if name in order:
            return
        if name in began:
            raise ModuleError(f"{name} imports itself.")
        began.add(name)
        for pattern in (_IMPORT, _EXPORT_LIST):
            for found in pattern.finditer(modules[name]):
                if found["path"]:
                    visit(_named(name, found["path"]))
        order.append(name)

    visit(entry)
    return order


def _as_function(text: str, name: str) -> str:
    """The body of a function that returns what the module exports."""
    exported: list[str] = []

    def export_list(found: re.Match[str]) -> str:
        pairs = _pairs(found["names"])
        if found["path"] is None:
            exported.extend(f"{alias}: {local}" for local, alias in pairs)
            return ""
        source = f"$['{_named(name, found['path'])}']"
        exported.extend(f"{alias}: {source}.{local}" for local, alias in pairs)
        return ""

    text = _IMPORT.sub(lambda found: _taken(found, name), shortened(text))
    text = _EXPORT_LIST.sub(export_list, text)
    exported += [found["name"] for found in _EXPORT.finditer(text)]
    text = _EXPORT.sub("", text)
    if _EXPORT_DEFAULT.search(text):
        exported.append("default: $default")
        text = _EXPORT_DEFAULT.sub("const $default = ", text)
    text = _IMPORT_LATER.sub(lambda found: f"import('./{_named(name, found['path'])}')", text)
    if _LEFT_OVER.search(text):
        raise ModuleError(f"{name} imports or exports in a way that is not known here.")
    return f"{text.strip()}\nreturn {{ {', '.join(exported)} }};\n"


def _as_file(text: str, name: str, early: set[str]) -> str:
    """A module that takes from the script what that has, and imports the others."""

    def imported(found: re.Match[str]) -> str:
        return _taken(found, name) if _named(name, found["path"]) in early else found[0]

    text = shortened(text)
    taken = _IMPORT.sub(imported, text)
    if taken == text:
        return text
    return f"import {{ $ }} from '{relpath(APP, dirname(name))}';\n{taken}"


def _taken(found: re.Match[str], name: str) -> str:
    """An import from a module of the script."""
    module = f"$['{_named(name, found['path'])}']"
    if found["all"]:
        return f"const {found['all']} = {module};"
    pairs = [("default", found["default"])] if found["default"] else _pairs(found["names"])
    names = ", ".join(local if local == alias else f"{local}: {alias}" for local, alias in pairs)
    return f"const {{ {names} }} = {module};"


def _pairs(names: str) -> list[tuple[str, str]]:
    """(name, alias) of each of `a, b as c`."""
    parts = [part.split(" as ") for part in names.split(",") if part.strip()]
    return [(part[0].strip(), part[-1].strip()) for part in parts]


def _named(importer: str, path: str) -> str:
    """The name of what `importer` imports from `path`."""
    return normpath(join(dirname(importer), path))
