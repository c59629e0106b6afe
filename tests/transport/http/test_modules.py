"""Combining modules: what each exports and imports in one script, and in the files that are loaded later."""

import asyncio
import shutil
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from transport.http.modules import ModuleError, combined

MODULES = {
    "main.js": """// Where it begins.
import { twice as doubled } from './parts/sums/numbers.js';
import greet from './parts/greet.js';
import * as all from './parts/sums/numbers.js';
import('./views/later.js').then(({ tell }) => console.log(greet('main'), doubled(all.ONE), tell()));
""",
    "parts/sums/numbers.js": """export const ONE = 1;
/** Twice as much. */
export function twice(number) {
  return 2 * number; // A comment behind code stays.
}
""",
    "parts/greet.js": """import{ONE as n}from"./sums/numbers.js";var o=n;export default function(name){return name+o}
export { twice as again } from './sums/numbers.js';
""",
    "views/later.js": """import { again } from '../parts/greet.js';
import { more } from './more.js';
export const tell = () => again(more());
""",
    "views/more.js": "export const more = () => 21;\n",
}
LATER = ["views/later.js", "views/more.js"]
RUN_SECONDS = 20


async def test_script_and_later_modules_do_what_the_modules_do(tmp_path: Path) -> None:
    files = combined(MODULES)
    assert sorted(files) == ["app.js", *LATER]
    assert await printed(tmp_path / "combined", files, "app.js") == "main1 2 42\n"
    assert await printed(tmp_path / "apart", MODULES, "main.js") == "main1 2 42\n"


def test_lines_of_comment_are_left_out() -> None:
    script = combined(MODULES)["app.js"]
    assert "Where it begins" not in script
    assert "Twice as much" not in script
    assert "A comment behind code stays" in script


def test_module_that_imports_itself_is_refused() -> None:
    with pytest.raises(ModuleError, match=r"main\.js"):
        combined(
            {"main.js": "import { a } from './parts/one.js';\n", "parts/one.js": "import { b } from '../main.js';\n"}
        )


@pytest.mark.parametrize(
    "line", ["export let count = 0;", "import './parts/sums/numbers.js';", "export * from './parts/sums/numbers.js';"]
)
def test_what_is_not_known_is_refused(line: str) -> None:
    with pytest.raises(ModuleError, match=r"main\.js"):
        combined({**MODULES, "main.js": f"{line}\n"})


async def printed(folder: Path, files: dict[str, str], entry: str) -> str:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Skipped, for Node.js is not there: what combined modules do")
    for name, text in {**files, "package.json": '{"type": "module"}'}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    process = await asyncio.create_subprocess_exec(node, entry, cwd=folder, stdout=PIPE)
    async with asyncio.timeout(RUN_SECONDS):
        output, _ = await process.communicate()
    return output.decode()
