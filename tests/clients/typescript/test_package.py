"""The package itself: its size, its types, and the time that a long list takes for an event."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.clients.typescript.packed import HERE, Packed

LARGEST_KILOBYTES = 12
LONGEST_MS = 1.0
ROOT = HERE.parents[2]
RIGHT = """import { Rookery, tweetOf, type TimelineView, type Tweet } from 'rookery-client';
import { RookeryProvider, useHomeTimeline, useRookery } from 'rookery-client/react';

export function start(url: string, show: (tweets: readonly Tweet[]) => void): () => void {
  const rookery = new Rookery({ url });
  return rookery.homeTimeline().subscribe((view: TimelineView) => show(view.edges.map(tweetOf)));
}
export const names = [RookeryProvider, useHomeTimeline, useRookery].map(({ name }) => name);
"""
WRONG = """import { Rookery, tweetOf, type Tweet } from 'rookery-client';

export async function wrong(rookery: Rookery, tweet: Tweet) {
  await rookery.signIn('alice');
  const at: number = tweet.createdAt;
  tweet.likes;
  tweet.inReplyTo.id;
  await rookery.post({ text: 5 });
  rookery.homeTimeline().get().edges.push();
  tweet.text = 'other';
  return tweetOf(tweet) && at;
}
"""
STRICT = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2022", "--jsx", "react-jsx", "--skipLibCheck"]


def test_core_is_small(package: Packed) -> None:
    kilobytes = int(run(package, "node", "size.mjs")) / 1_000
    assert kilobytes <= LARGEST_KILOBYTES


def test_a_store_equals_the_timeline_after_any_schedule(package: Packed) -> None:
    assert run(package, "node", "schedules.mjs", "200") == "200\n"


def test_types_tell_right_from_wrong(package: Packed) -> None:
    (package.folder / "right.ts").write_text(RIGHT)
    compiler = str(package.tools / ".bin" / "tsc")
    assert run(package, compiler, *STRICT, "right.ts") == ""
    (package.folder / "wrong.ts").write_text(WRONG)
    said = run(package, compiler, *STRICT, "wrong.ts", is_well=False)
    lines = [int(found) for found in re.findall(r"^wrong\.ts\((\d+),", said, re.MULTILINE)]
    assert lines == [4, 5, 6, 7, 8, 9, 10, 11], said


def test_no_type_is_any(package: Packed) -> None:
    installed = package.folder / "node_modules" / "rookery-client"
    declared = {path: path.read_text() for path in installed.rglob("*.d.ts")}
    assert len(declared) > 10
    written = {path: path.read_text() for path in (ROOT / "clients" / "typescript" / "src").rglob("*.ts")}
    found = [str(path) for path, text in {**declared, **written}.items() if re.search(r"(?::|<|\bas)\s*any\b", text)]
    assert found == []


def test_package_has_what_it_runs_and_no_more(package: Packed) -> None:
    installed = package.folder / "node_modules" / "rookery-client"
    kinds = {"".join(Path(path).suffixes[-2:]) for path in installed.rglob("*") if path.is_file()}
    assert kinds == {".js", ".d.ts", ".md", ".json"}
    assert json.loads((installed / "package.json").read_text()).get("dependencies") is None


@pytest.mark.long
def test_a_list_of_5000_takes_an_event_in_less_than_a_millisecond(package: Packed) -> None:
    measured = json.loads(run(package, "node", "speed.mjs"))
    print(measured)  # noqa: T201 - the figures of a failure
    assert measured["items"] == 5_300
    assert measured["median"] < LONGEST_MS


def run(package: Packed, *command: str, is_well: bool = True) -> str:
    for script in ("size.mjs", "speed.mjs", "schedules.mjs"):
        (package.folder / script).write_text((HERE / script).read_text())
    done = subprocess.run(command, cwd=package.folder, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode == 0) == is_well, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(autouse=True)
def _react(package: Packed) -> None:
    """React and its types, where programs of this folder find them."""
    for name in ("react", "@types"):
        link = package.folder / "node_modules" / name
        if not link.exists():
            link.symlink_to(package.tools / name)
