"""/mail and /mail.json of dev: the mails that the catcher took, newest first."""

from collections.abc import Awaitable, Callable, Sequence
from html import escape
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from datastore.jobs.caught_mails import CaughtMail

SHOWN: Final = 2_000
_SHOWN_ON_PAGE: Final = 100
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; form-action 'none'"
_HEADERS: Final = {"content-security-policy": _POLICY, "cache-control": "no-store", "referrer-policy": "no-referrer"}
_STYLE: Final = (
    "body{font:16px/1.5 sans-serif;max-width:720px;margin:24px auto;padding:0 16px;background:#f4f1e9;color:#1b2233}"
    "article{background:#fff;border-radius:12px;padding:16px 24px;margin:16px 0}"
    "h2{margin:0;font-size:18px}pre{white-space:pre-wrap;word-break:break-word;font:inherit}"
    "p{margin:0;color:#667}"
)
Ask = Callable[[int], Awaitable[Sequence[CaughtMail]]]


def caught_mail_routes(newest: Ask) -> list[Route]:
    async def show(_: Request) -> Response:
        articles = "".join(map(_article, await newest(_SHOWN_ON_PAGE)))
        return HTMLResponse(_page(articles or "<p>No mail yet.</p>"), headers=_HEADERS)

    async def export(_: Request) -> Response:
        return JSONResponse([_row(mail) for mail in await newest(SHOWN)], headers={"cache-control": "no-store"})

    return [Route("/mail", show, methods=["GET"]), Route("/mail.json", export, methods=["GET"])]


def _row(mail: CaughtMail) -> dict[str, str]:
    at = mail.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"to": mail.to, "subject": mail.subject, "text": mail.text, "html": mail.html, "at": at}


def _page(articles: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Caught mail</title><style>{_STYLE}</style>'
        f"</head><body><h1>Caught mail</h1>{articles}</body></html>"
    )


def _article(mail: CaughtMail) -> str:
    head = f"<h2>{escape(mail.subject)}</h2><p>To {escape(mail.to)}, {mail.at:%Y-%m-%d %H:%M:%S} UTC</p>"
    lines = "\n".join(_line(line) for line in mail.text.splitlines())
    return f"<article>{head}<pre>{lines}</pre></article>"


def _line(line: str) -> str:
    """A line that is an address becomes a link, as mail programs do it."""
    text = escape(line)
    is_link = line.startswith(("http://", "https://")) and " " not in line
    return f'<a href="{text}">{text}</a>' if is_link else text
