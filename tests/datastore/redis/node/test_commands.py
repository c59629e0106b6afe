"""PipelinedCommands: their bytes, result, and callers that are gone."""

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from datastore.redis.node.commands import PipelinedCommands, raise_first


async def test_commands_are_packed_with_words_of_all_types() -> None:
    commands = PipelinedCommands([("SET", b"\xff", 1), ("GET", "é")])
    assert commands.packed == b"*3\r\n$3\r\nSET\r\n$1\r\n\xff\r\n$1\r\n1\r\n*2\r\n$3\r\nGET\r\n$2\r\n\xc3\xa9\r\n"
    assert commands.reply_count == 2


async def test_reply_to_a_cancelled_caller_is_dropped() -> None:
    commands = PipelinedCommands([("PING",)])
    commands.result.cancel()
    commands.replies.append(b"PONG")
    commands.finish()
    commands.fail(RedisConnectionError("lost"))
    assert commands.result.cancelled()


async def test_failure_is_raised_by_each_wait() -> None:
    commands = PipelinedCommands([("PING",)])
    commands.fail(RedisConnectionError("lost"))
    for _ in range(2):
        with pytest.raises(RedisConnectionError, match="lost"):
            await commands


def test_first_error_among_replies_is_raised() -> None:
    assert raise_first([1, None, b"x"]) == [1, None, b"x"]
    with pytest.raises(ResponseError, match="first"):
        raise_first([1, ResponseError("first"), ResponseError("second")])
