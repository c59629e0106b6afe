"""The lower bound: the same answer without GraphQL. Bare ASGI, one pipelined connection on hiredis, msgspec.

No GraphQL server in Python can be faster on this event loop while it decodes rows and encodes an answer; the difference
is the cost of GraphQL and of the service. Environment: REDIS_URL.
"""

import asyncio
import os
from collections import deque
from urllib.parse import urlsplit

import hiredis
import msgspec


class Pipeline(asyncio.Protocol):
    """Sends all commands of one loop iteration in one write; replies come in the order of the commands."""

    def __init__(self):
        self.reader, self.waiting, self.out = hiredis.Reader(), deque(), []

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.reader.feed(data)
        while (reply := self.reader.gets()) is not False:
            self.waiting.popleft().set_result(reply)

    def ask(self, *words):
        loop = asyncio.get_running_loop()
        if not self.out:
            loop.call_soon(self.flush)
        self.out.append(hiredis.pack_command(words))
        future = loop.create_future()
        self.waiting.append(future)
        return future

    def flush(self):
        self.transport.write(b"".join(self.out))
        self.out.clear()


async def connected():
    url = urlsplit(os.environ["REDIS_URL"])
    _, pipeline = await asyncio.get_running_loop().create_connection(Pipeline, url.hostname, url.port)
    await pipeline.ask("SELECT", url.path.strip("/") or "0")
    return pipeline


async def timeline(redis, viewer, first):
    ids = await redis.ask("LRANGE", f"tl:{viewer}", 0, first)
    has_more, ids = len(ids) > first, ids[:first]
    tweets = [msgspec.json.decode(row) for row in await redis.ask("MGET", *[b"tweet:" + one for one in ids])]
    authors = list({tweet["authorId"] for tweet in tweets})
    asked = redis.ask("MGET", *[f"user:{one}" for one in authors]), redis.ask("SMISMEMBER", f"likes:{viewer}", *ids)
    users = {one: msgspec.json.decode(row) for one, row in zip(authors, await asked[0], strict=True)}
    edges = []
    for tweet, flag in zip(tweets, await asked[1], strict=True):
        author = users[tweet.pop("authorId")]
        edges.append({"cursor": tweet["id"], "node": {**tweet, "viewerHasLiked": flag == 1, "author": author}})
    info = {"hasNextPage": has_more, "endCursor": ids[-1].decode() if ids else None}
    return {"data": {"homeTimeline": {"edges": edges, "pageInfo": info}}}


class Floor:
    def __init__(self):
        self.redis = None

    async def __call__(self, scope, receive, send):
        if self.redis is None:
            self.redis = await connected()
        body, has_more_body = b"", True
        while has_more_body:
            message = await receive()
            body += message.get("body", b"")
            has_more_body = message.get("more_body", False)
        viewer = next((value.decode() for name, value in scope["headers"] if name == b"x-user"), "")
        answer = await timeline(self.redis, viewer, msgspec.json.decode(body)["variables"]["first"])
        out = msgspec.json.encode(answer)
        head = [(b"content-type", b"application/json"), (b"content-length", str(len(out)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": out})


app = Floor()
