"""Texts of mails: one template for each kind, which the layouts turn into a text and an HTML part with the same words.

A mail goes to whoever typed an address, so it holds nothing that a stranger chose but a handle: a name could be a link.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import Compat32
from email.utils import format_datetime
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from core.text.emails import envelope_address
from datastore.jobs.mails import MailKind

_SUBJECTS: Final[Mapping[MailKind, str]] = {
    MailKind.VERIFY: "Confirm your e-mail address",
    MailKind.RESET: "Choose a new password",
    MailKind.ADDRESS_IN_USE: "Your address has an account already",
    MailKind.EMAIL_CHANGING: "Your e-mail address is being changed",
    MailKind.PASSWORD_CHANGED: "Your password was changed",
    MailKind.HANDLE_CHANGED: "Your handle was changed",
    MailKind.NEW_DEVICE: "A new sign-in to your account",
    MailKind.DECISION: "A decision of the moderators",
    MailKind.DECISION_REVOKED: "A decision of the moderators was revoked",
    MailKind.APPEAL_ANSWERED: "Your appeal was answered",
}
_PATHS: Final[Mapping[MailKind, str]] = {
    MailKind.VERIFY: "/verify",
    MailKind.RESET: "/reset",
    MailKind.DECISION: "/appeal",
}


class _Unfolded(Compat32):
    """Headers as they were set, which are ASCII and short: folding takes half of a mail's processor time."""

    def fold_binary(self, name: str, value: str) -> bytes:
        return f"{name}: {value}{self.linesep}".encode("ascii")


# Unlike the default policy it parses no header, and cuts no link.
_POLICY: Final = _Unfolded(linesep="\r\n", max_line_length=None)


@dataclass(frozen=True, slots=True)
class Sender:
    """`address`: From, and the sender of the envelope. `public_url`: what links begin with.

    A letter may hold another `public_url` among its words: where no setting names one, that of the API.
    """

    address: str
    public_url: str

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as its recipient gets it. `id` is that of its job; `words` are the values of the template."""

    id: int
    kind: MailKind
    to: str
    words: Mapping[str, str]
    at: datetime
    token: str | None = None


def default_sender(public_url: str) -> str:
    """The sender of a server whose operator named none."""
    host = urlsplit(public_url).hostname or ""
    return f"rookery@{'localhost' if _is_address(host) else host}"


def message_of(letter: Letter, sender: Sender) -> bytes:
    """Sent again it is the same mail: its Message-ID is made from the id of its job.

    The headers are ASCII but for an address with other letters, which RFC 6532 writes as it is.
    """
    text, html = _parts(letter, sender)
    message = MIMEMultipart("alternative", policy=_POLICY)
    message["From"] = f"Rookery <{sender.address}>"
    message["Subject"] = _SUBJECTS[letter.kind]
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = f"<{letter.id}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    for words, subtype in ((text, "plain"), (html, "html")):
        charset = "us-ascii" if words.isascii() else "utf-8"
        message.attach(MIMEText(words, subtype, charset, policy=_POLICY))
    return f"To: {envelope_address(letter.to)}\r\n".encode() + message.as_bytes()


def _parts(letter: Letter, sender: Sender) -> tuple[str, str]:
    public_url = letter.words.get("public_url", sender.public_url)
    link = None if letter.token is None else f"{public_url}{_PATHS[letter.kind]}#token={letter.token}"
    values = {**letter.words, "public_url": public_url, "link": link, "subject": _SUBJECTS[letter.kind]}
    templates = _templates()
    body = templates.get_template(f"{letter.kind}.txt").render(values).strip()
    paragraphs = body.split("\n\n")
    links = {link, f"{public_url}/reset"}
    text = templates.get_template("layout.txt").render(values | {"body": body})
    return text + "\n", templates.get_template("layout.html").render(
        values | {"paragraphs": paragraphs, "links": links}
    )


@cache
def _templates() -> Environment:
    """HTML is escaped; a missing word is an error."""
    folder = FileSystemLoader(Path(__file__).with_name("templates"))
    return Environment(
        loader=folder,
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
    )


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
