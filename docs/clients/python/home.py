"""Reads a home timeline and follows it live, with nothing but Python's standard library.

    ROOKERY_URL=http://127.0.0.1:8000 ROOKERY_LOGIN=demo ROOKERY_PASSWORD=rookery-demo python home.py

A lost connection is no loss: it comes back with the cursor of the last event, and goes on where it was. So is an access
token that has run out: session.py renews it.
"""

import os
import time
from urllib.error import URLError

from session import Session, SignedOut

ADDRESS = os.environ.get("ROOKERY_URL", "http://127.0.0.1:8000") + "/graphql"

HOME = """{ homeTimeline(first: 20) { headCursor edges { node {
  ... on Tweet { text author { handle } }
  ... on Retweet { user { handle } tweet { text } }
  ... on PromotedTweet { advertiser { handle } tweet { text } } } } } }"""
EVENTS = """subscription($after: String) { homeTimelineEvents(after: $after) {
  __typename
  ... on StreamEvent { cursor }
  ... on TimelineItemAdded { edge { node {
    ... on Tweet { text author { handle } } ... on Retweet { user { handle } tweet { text } } } } } } }"""


def follow(session, after):
    while True:
        try:
            for data in session.events(EVENTS, {"after": after}):
                event = data["homeTimelineEvents"]
                after = event["cursor"]
                if event["__typename"] == "TimelineItemAdded":
                    show(event["edge"]["node"])
        except SignedOut:
            session.renew()
        except (URLError, OSError):
            time.sleep(1)


def show(node):
    who = node.get("author") or node.get("user") or node["advertiser"]
    text = node.get("text") or node["tweet"]["text"]
    print(f"@{who['handle']}: {text}", flush=True)


if __name__ == "__main__":
    session = Session(ADDRESS, os.environ["ROOKERY_LOGIN"], os.environ["ROOKERY_PASSWORD"])
    page = session.ask(HOME)["homeTimeline"]
    for edge in page["edges"]:
        show(edge["node"])
    follow(session, page["headCursor"])
