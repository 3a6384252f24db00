"""A request as the web server gives it (ASGI), in the words of WSGI, which Django's pages speak."""

import sys
from functools import lru_cache
from io import BytesIO
from typing import Any
from wsgiref.types import WSGIEnvironment
from wsgiref.util import FileWrapper

# Of a file that the web server cannot send by itself.
BLOCK_BYTES = 2**16


def environ_of(scope: dict[str, Any], body: bytes) -> WSGIEnvironment:
    """The whole body has arrived, so it can be read without waiting for anybody."""
    server, client = scope["server"] or ("localhost", 80), scope["client"] or ("", 0)
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": _as_latin1(scope["path"]),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": _in_blocks,
    }
    for name, value in scope["headers"]:
        _add(environ, _variable(name), value.decode("latin-1"))
    if body:  # One that comes in chunks does not say its length.
        environ["CONTENT_LENGTH"] = str(len(body))
    return environ


def _add(environ: WSGIEnvironment, variable: str, value: str) -> None:
    """Headers that come twice are one line, as RFC 9110 and, for cookies, RFC 9113 have it."""
    if not variable:
        return
    if before := environ.get(variable):
        separator = "; " if variable == "HTTP_COOKIE" else ","
        value = f"{before}{separator}{value}"
    environ[variable] = value


@lru_cache(256)
def _variable(header: bytes) -> str:
    # WSGI cannot tell `X-Forwarded-For` from `X_Forwarded_For`, which a proxy lets through.
    if b"_" in header:
        return ""
    name = header.decode("latin-1").upper().replace("-", "_")
    return name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"


def _as_latin1(path: str) -> str:
    return path if path.isascii() else path.encode().decode("latin-1")


def _in_blocks(file: Any, block_size: int) -> FileWrapper:
    # Django would have 4,096 bytes, a message each.
    return FileWrapper(file, BLOCK_BYTES)
