"""`make test` deals tests out to processes by file, and all that drive a browser to one."""

import os
import sys
from collections import defaultdict
from pathlib import Path
from subprocess import run

TEST = """
import os
from pathlib import Path
import pytest

@pytest.mark.parametrize("number", range(3))
def test_writes_its_process(number):
    with Path("ran").open("a") as file:
        file.write(f"{__file__} {os.environ['PYTEST_XDIST_WORKER']}\\n")
"""
ROOT = Path(__file__).resolve().parents[2]
# Without what the process of this very test was told by xdist.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
FILES = (
    "tests/web/test_a.py",
    "tests/web/test_b.py",
    "tests/clients/test_spa.py",
    "tests/test_c.py",
    "tests/test_d.py",
)


def test_files_and_what_drives_a_browser_stay_in_one_process(tmp_path: Path) -> None:
    for file in FILES:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(TEST)
    options = (
        "-p xdist -p tests.support.distribution --numprocesses=2 --dist=loadfile --no-loadscope-reorder --rootdir=."
    )
    environment = {**ENVIRONMENT, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    run([sys.executable, "-m", "pytest", *options.split()], cwd=tmp_path, env=environment, check=True)
    processes = defaultdict(set)
    for line in (tmp_path / "ran").read_text().splitlines():
        file, process = line.split()
        processes[Path(file).relative_to(tmp_path).as_posix()].add(process)
    assert {file: len(those) for file, those in processes.items()} == dict.fromkeys(FILES, 1)
    assert len(set.union(*[processes[file] for file in FILES[:3]])) == 1
