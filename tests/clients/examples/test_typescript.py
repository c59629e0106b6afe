"""docs/clients/typescript: types are generated, right code passes and wrong code fails, and the example runs."""

import asyncio
import os
import re
import shutil
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

import pytest

from tests.clients.packages import NodePackages, installed_file
from tests.support.people import PASSWORD, sign_up
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOT = Path(__file__).resolve().parents[3]
CLIENTS = ROOT / "docs" / "clients"
RUN_SECONDS = 60
WRONG = """import type { Session } from '../../session.js';
import { ask, followHome, postedAt } from './home';
import { graphql } from './generated';

const TWEET = graphql(`query Tweet($id: ID!) { tweet(id: $id) { text createdAt author { bio } } }`);
export async function wrong(session: Session) {
  const { tweet } = await ask(session, TWEET, { id: 5 });
  tweet.text;
  const days: number = tweet!.createdAt;
  tweet!.author.bio.length;
  tweet!.likes;
  session.secret;
  await followHome(session, (page) => page.edges, (event) => event.edge);
  return postedAt(tweet!) && days;
}
"""


@pytest.fixture(scope="module")
def project(node: NodePackages) -> Path:
    """A copy of docs/clients among the packages of both."""
    packages = installed_file("", CLIENTS / "typescript")
    shutil.copytree(CLIENTS, node.folder / "docs", ignore=shutil.ignore_patterns("node_modules", "generated"))
    (node.folder / "docs" / "package.json").write_text('{"type": "module"}')
    (node.folder / "docs" / "typescript" / "node_modules").symlink_to(packages)
    return node.folder / "docs"


async def test_types_are_generated_checked_and_run(node: NodePackages, shared_service: Service, project: Path) -> None:
    status, said = await run(project, "run", "generate")
    assert status == 0, said
    assert await run(project, "run", "check", "--silent") == (0, "")

    wrong = project / "typescript" / "src" / "wrong.ts"
    wrong.write_text(WRONG)
    assert (await run(project, "run", "generate"))[0] == 0
    _, said = await run(project, "run", "check", "--silent")
    lines = [int(found) for found in re.findall(r"^src/wrong\.ts\((\d+),", said, re.MULTILINE)]
    assert lines == [7, 8, 9, 10, 11, 12, 13], said
    wrong.unlink()

    alice = await sign_up(shared_service, "alice")
    arguments = (f"{shared_service.url}/graphql", str(project), alice.handle, PASSWORD)
    (story,) = await node.run("examples/typescript.mjs", *arguments)
    assert story.passed, story.detail


async def run(project: Path, *words: str) -> tuple[int | None, str]:
    settings = {"ROOKERY_SCHEMA": str(ROOT / "schema" / "schema.graphql")}
    process = await asyncio.create_subprocess_exec(
        "npm", *words, cwd=project / "typescript", env={**os.environ, **settings}, stdout=PIPE, stderr=STDOUT
    )
    async with asyncio.timeout(RUN_SECONDS):
        output, _ = await process.communicate()
    return process.returncode, output.decode()
