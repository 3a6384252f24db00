"""Pages are sent compressed: a seat map is a tenth of its size then."""

import gzip
import re
from collections.abc import Callable
from secrets import randbelow

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

# A seat map costs a quarter more CPU time with it. Django's own level, 6, nearly doubles that, for
# an eighth fewer bytes.
LEVEL = 3
# Shorter ones gain nothing.
FROM_BYTES = 200
ACCEPTED = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0+)?\s*(,|$))", re.IGNORECASE)

type GetResponse = Callable[[HttpRequest], HttpResponseBase]


def compressed_html(get_response: GetResponse) -> GetResponse:
    """Middleware: HTML is compressed for whoever takes it.

    Exports, which are sent line by line, and static files, which are compressed once, stay as they
    are; the API and the streams do not come through here.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if _is_page(response):
            patch_vary_headers(response, ["Accept-Encoding"])
            if ACCEPTED.search(request.headers.get("Accept-Encoding", "")):
                _compress(response)
        return response

    return middleware


def _is_page(response: HttpResponseBase) -> bool:
    return (
        not response.streaming
        and response.headers.get("Content-Type", "").startswith("text/html")
        and "Content-Encoding" not in response.headers
        and len(response.content) >= FROM_BYTES  # type: ignore[attr-defined]
    )


def _compress(response: HttpResponseBase) -> None:
    response.content = compressed(response.content)  # type: ignore[attr-defined]
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(response.content))  # type: ignore[attr-defined]
    etag = response.headers.get("ETag", "")
    if etag.startswith('"'):
        # The same page, but no longer the same bytes.
        response.headers["ETag"] = f"W/{etag}"


def compressed(text: bytes) -> bytes:
    """In the gzip format, and longer by a random number of bytes, as Django's GZipMiddleware is.

    Whoever can have a page repeat what he sends, and sees how long it is, could otherwise guess
    what else stands in it (BREACH). The bytes are the file name in the head of the format.
    """
    packed = gzip.compress(text, LEVEL, mtime=0)
    name = b"a" * randbelow(GZipMiddleware.max_random_bytes) + b"\0"
    return packed[:3] + bytes([gzip.FNAME]) + packed[4:10] + name + packed[10:]
