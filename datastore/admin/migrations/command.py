"""The command `migrate`."""

import argparse
from functools import partial
from typing import TYPE_CHECKING

import pymongo
from tqdm import tqdm

from core.settings import Settings
from datastore.admin.migrations.migrate import finish_form, prepare_form, status
from datastore.admin.running import INDEX_SECONDS, run_command
from datastore.mongo.client import open_mongo
from datastore.redis.client import open_redis

if TYPE_CHECKING:
    from datastore.admin.commands import Commands


def register_migrate(commands: "Commands") -> None:
    parser = commands.add_parser(
        "migrate", help="prepares the database for this version, while the version before goes on; safe to repeat"
    )
    which = parser.add_mutually_exclusive_group()
    add = which.add_argument
    add("--finish", action="store_true", help="ends the migration, once no process of the version before runs")
    add("--status", action="store_true", help="says how far the database is, and changes nothing")
    parser.set_defaults(run=lambda options: run_command(partial(_migrate, options)))


async def _migrate(options: argparse.Namespace, settings: Settings) -> int:
    if settings.mongo_url is None or (options.finish and settings.redis_url is None):
        raise SystemExit("ROOKERY_MONGO_URL is needed here, and with --finish ROOKERY_REDIS_URL.")
    async with open_mongo(settings.mongo_url, settings.mongo_driver) as mongo:
        await mongo.ping()
        with pymongo.timeout(INDEX_SECONDS):
            if options.finish:
                async with open_redis(settings.redis_url or "") as redis:
                    await finish_form(mongo, redis, tqdm.write)
            elif not options.status:
                await prepare_form(mongo, tqdm.write)
            tqdm.write(await status(mongo))
    return 0
