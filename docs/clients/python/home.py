"""Reads a home timeline and follows it live, with nothing but Python's standard library.

    ROOKERY_URL=http://127.0.0.1:8000 ROOKERY_LOGIN=demo ROOKERY_PASSWORD=rookery-demo python home.py

A lost connection is no loss: it comes back with the cursor of the last event, and goes on where it was.
"""

import json
import os
import time
from urllib.error import URLError
from urllib.request import Request, urlopen

ADDRESS = os.environ.get("ROOKERY_URL", "http://127.0.0.1:8000") + "/graphql"

LOGIN = """mutation($login: String!, $password: String!) { login(input: {login: $login, password: $password}) {
  tokens { accessToken refreshToken } userErrors { message } } }"""
HOME = """{ homeTimeline(first: 20) { headCursor edges { node {
  ... on Tweet { text author { handle } }
  ... on Retweet { user { handle } tweet { text } }
  ... on PromotedTweet { advertiser { handle } tweet { text } } } } } }"""
EVENTS = """subscription($after: String) { homeTimelineEvents(after: $after) {
  __typename
  ... on StreamEvent { cursor }
  ... on TimelineItemAdded { edge { node {
    ... on Tweet { text author { handle } } ... on Retweet { user { handle } tweet { text } } } } } } }"""


def opened(query, variables, token, accept):
    headers = {"content-type": "application/json", "accept": accept}
    if token:
        headers["authorization"] = f"Bearer {token}"
    body = json.dumps({"query": query, "variables": variables}).encode()
    return urlopen(Request(ADDRESS, body, headers), timeout=60)


def ask(query, variables=None, token=None):
    with opened(query, variables or {}, token, "application/json") as answer:
        result = json.load(answer)
    if result.get("errors"):
        raise SystemExit(result["errors"][0]["message"])
    return result["data"]


def sign_in(login, password):
    payload = ask(LOGIN, {"login": login, "password": password})["login"]
    if payload["userErrors"]:
        raise SystemExit(payload["userErrors"][0]["message"])
    return payload["tokens"]["accessToken"]


def events(token, after):
    """Server-sent events: a line `data: ...` for each result."""
    with opened(EVENTS, {"after": after}, token, "text/event-stream") as stream:
        for line in stream:
            if line.startswith(b"data:") and line[5:].strip():
                yield json.loads(line[5:])["data"]["homeTimelineEvents"]


def follow(token, after):
    while True:
        try:
            for event in events(token, after):
                after = event["cursor"]
                if event["__typename"] == "TimelineItemAdded":
                    show(event["edge"]["node"])
        except (URLError, OSError):
            time.sleep(1)


def show(node):
    who = node.get("author") or node.get("user") or node["advertiser"]
    text = node.get("text") or node["tweet"]["text"]
    print(f"@{who['handle']}: {text}", flush=True)


if __name__ == "__main__":
    token = sign_in(os.environ["ROOKERY_LOGIN"], os.environ["ROOKERY_PASSWORD"])
    page = ask(HOME, token=token)["homeTimeline"]
    for edge in page["edges"]:
        show(edge["node"])
    follow(token, page["headCursor"])
