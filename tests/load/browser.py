"""A browser as far as the server can tell: it keeps cookies, and sends forms as htmx does."""

import re
from collections.abc import Mapping
from urllib.parse import urlencode

from tests.load.client import Answer, Client, UnexpectedAnswer

COOKIE = re.compile(rb"\r\nset-cookie: *([^=]+)=([^;\r]*)", re.IGNORECASE)
CSRF_TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="(\w+)"')
ACCEPT = {"Accept": "text/html", "Accept-Language": "en", "User-Agent": "Mozilla/5.0"}
HTMX = {"HX-Request": "true"}
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://127.0.0.1"}


class Browser:
    """One customer's; the connection it uses may be another one each time."""

    def __init__(self) -> None:
        self._cookies: dict[str, str] = {}
        self._token = ""

    async def get(self, client: Client, path: str, *, htmx: bool = False) -> Answer:
        """A page, or a part of one; 204 says that the part is as it was."""
        return await self._send(client, "GET", path, b"", HTMX if htmx else {})

    async def post(self, client: Client, path: str, form: Mapping[str, str]) -> Answer:
        """A form of the page that was read last, sent by htmx."""
        content = urlencode({"csrfmiddlewaretoken": self._token, **form}).encode()
        return await self._send(client, "POST", path, content, FORM | HTMX)

    async def _send(
        self, client: Client, method: str, path: str, content: bytes, headers: Mapping[str, str]
    ) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        sent = {**ACCEPT, **headers, **({"Cookie": cookies} if cookies else {})}
        answer = await client.send(method, path, content, sent)
        if answer.status not in (200, 204):
            raise UnexpectedAnswer(f"{method} {path}: {answer.status}, {answer.body[:300]!r}")
        for name, value in COOKIE.findall(answer.head):
            self._cookies[name.decode()] = value.decode()
        if token := CSRF_TOKEN.search(answer.body):
            self._token = token[1].decode()
        return answer
