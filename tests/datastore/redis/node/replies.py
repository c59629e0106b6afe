"""Shared by tests of pipelines."""

from datastore.redis.node.commands import raise_first
from datastore.redis.node.pipeline import CommandPipeline


async def reply_to(pipeline: CommandPipeline, *words: str | int) -> object:
    return raise_first(await pipeline.submit([words]))[0]
