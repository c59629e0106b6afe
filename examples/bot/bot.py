"""Answers those who mention it, each once, also after a restart: python bot.py ADDRESS TOKEN FILE-OF-ITS-CURSOR."""

import asyncio
import sys
from pathlib import Path

from rookery_client import Rookery
from rookery_client.generated import NOTIFICATIONS, NotificationChanged, NotificationFilter, NotificationsVariables


async def main(url: str, token: str, file: Path) -> None:
    async with Rookery(url, token=token) as rookery:
        if not file.exists():
            variables = NotificationsVariables(first=1, filter=NotificationFilter.MENTIONS)
            file.write_text((await rookery.ask(NOTIFICATIONS, variables)).notifications.head_cursor)
        async for event in rookery.notification_events(file.read_text()):
            told = event.notification if isinstance(event, NotificationChanged) else None
            if told and told.kind == "MENTION" and told.tweet:
                text = f"@{told.tweet.author.handle} {len(told.tweet.text.split())} words!"
                await rookery.acts.post(text, in_reply_to=told.tweet.id, key=f"answer {told.tweet.id}")
            file.write_text(event.cursor)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
