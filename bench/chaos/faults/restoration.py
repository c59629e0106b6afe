"""Backs a cluster up under load, loses all that its stores hold, and restores the backup into empty stores."""

import asyncio
import shutil
import sys
from collections.abc import Sequence
from os import environ
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.chaos.experiment import Experiment, Outcome
from bench.deployment.cluster import Cluster
from bench.deployment.replica_set import form_replica_set
from bench.harness.child_process import ROOT
from datastore.embedded.process import StoreProcess
from datastore.embedded.servers import redis_at


class RestorationError(Exception):
    """A command failed; the text is what it said."""


async def lose_and_restore(experiment: Experiment) -> Outcome:
    """Nothing is acknowledged between the last run, which adds what changed since the first one began, and the loss."""

    async def fault() -> None:
        with TemporaryDirectory(prefix="rookery-backup-") as name:
            folder = Path(name)
            await _command(experiment.cluster, folder, "backup", str(folder / "backup"))
            await asyncio.sleep(experiment.scale.calm_seconds)
            async with experiment.workload.halted():
                await _command(experiment.cluster, folder, "backup", str(folder / "backup"))
                await _end_processes(experiment.cluster)
                await _lose(experiment.cluster.stores.mongo)
            await _restore(experiment.cluster, folder)
            for child in (*experiment.cluster.workers, *(api.process for api in experiment.cluster.apis)):
                await child.start()
            await experiment.cluster.until_balanced()

    return await experiment.run(fault)


async def flush(nodes: Sequence[StoreProcess]) -> None:
    """Empties all masters among them."""
    for node in nodes:
        async with redis_at(node.server.port) as client:
            if (await client.info("replication"))["role"] == "master":
                await client.flushall()


async def _end_processes(cluster: Cluster) -> None:
    for child in (*cluster.workers, *(api.process for api in cluster.apis)):
        await child.stop()


async def _restore(cluster: Cluster, folder: Path) -> None:
    """The judge holds a worker number, for which `restore` takes it for a process in use, until Redis loses that."""
    for last in (False, False, False, True):
        await flush(cluster.stores.all_redis)
        try:
            await _command(cluster, folder, "restore", str(folder / "backup"))
        except RestorationError as error:
            if last or "run on these stores" not in str(error):
                raise
        else:
            return


async def _lose(members: Sequence[StoreProcess]) -> None:
    """Starts a replica set of empty members, once all are dead: one that lived would tell the others what they were."""
    for member in members:
        await member.kill()
    for member in members:
        shutil.rmtree(member.server.folder)
        await member.start()
    await form_replica_set([member.server.port for member in members])


async def _command(cluster: Cluster, folder: Path, *words: str) -> None:
    settings = cluster.settings
    urls = {
        "ROOKERY_MONGO_URL": settings.mongo_url or "",
        "ROOKERY_REDIS_URL": settings.redis_url or "",
        "ROOKERY_JOBS_URL": settings.jobs_url or "",
        "ROOKERY_MEDIA_URL": (folder / "media").as_uri(),
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "datastore", *words),
        cwd=ROOT,
        env={name: value for name, value in environ.items() if not name.startswith("ROOKERY_")} | urls,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    if process.returncode:
        raise RestorationError(errors.decode())
