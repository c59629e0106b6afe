"""Static files: gzipped if the browser accepts that, 304 if it has the file already."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".webmanifest": "application/manifest+json",
}
ASK_EACH_TIME = "no-cache"
KEEP_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file's gzipped content with its headers."""

    gzipped: bytes
    media_type: str
    etag: str
    security: Mapping[str, str]

    @classmethod
    def read(cls, path: Path, security: Mapping[str, str]) -> "StaticFile":
        """`path` has the name that browsers see; the file may be stored with `.gz` appended."""
        kept_packed = path.with_name(path.name + ".gz")
        if kept_packed.exists():
            return cls._gzipped(kept_packed.read_bytes(), path.suffix, security)
        return cls.pack(path.read_bytes(), path.suffix, security)

    @classmethod
    def pack(cls, content: bytes, suffix: str, security: Mapping[str, str]) -> "StaticFile":
        return cls._gzipped(gzip.compress(content, mtime=0), suffix, security)

    @classmethod
    def _gzipped(cls, gzipped: bytes, suffix: str, security: Mapping[str, str]) -> "StaticFile":
        etag = f'W/"{hashlib.sha256(gzipped).hexdigest()[:32]}"'
        return cls(gzipped, MEDIA_TYPES[suffix], etag, security)

    def response(
        self, request: Request, *, caching: str = ASK_EACH_TIME, status: HTTPStatus = HTTPStatus.OK
    ) -> Response:
        """304 if the browser has the file and `status` is 200."""
        head = {**self.security, "cache-control": caching, "etag": self.etag, "vary": "Accept-Encoding"}
        if status is HTTPStatus.OK and self.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=head)
        content = self.gzipped
        if "gzip" in request.headers.get("accept-encoding", ""):
            head["content-encoding"] = "gzip"
        else:
            content = gzip.decompress(content)
        return Response(content, status_code=status, headers={**head, "content-type": self.media_type})
