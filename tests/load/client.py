"""A lean HTTP client: it shares the machine with what it measures, so it does next to nothing.

One connection, one request at a time, over asyncio in a single thread; just enough of HTTP/1.1
for our own server, which always says how long its answers are.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
JSON = {"Content-Type": "application/json"}
ANSWER_SECONDS = 60


class Answer(NamedTuple):
    """What came back."""

    status: int
    body: bytes
    head: bytes = b""

    def json(self) -> Any:
        return json.loads(self.body)


class UnexpectedAnswer(Exception):
    """The server did not answer as the work expects it to."""


class Client:
    """One keep-alive connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def ask(self, method: str, path: str, body: object = None) -> Answer:
        """Send one request of the JSON API, and wait for its answer."""
        content = b"" if body is None else json.dumps(body).encode()
        return await self.send(method, path, content, JSON)

    async def send(
        self, method: str, path: str, content: bytes, headers: Mapping[str, str]
    ) -> Answer:
        """Send one request, and wait for its answer."""
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(content)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._writer.write("\r\n".join([*lines, "\r\n"]).encode() + content)
        async with asyncio.timeout(ANSWER_SECONDS):
            return await self._answer()

    async def get(self, path: str, *, status: int = 200) -> Answer:
        return await self.expect(status, "GET", path)

    async def post(self, path: str, body: object, *, status: int) -> Answer:
        return await self.expect(status, "POST", path, body)

    async def expect(self, status: int, method: str, path: str, body: object = None) -> Answer:
        """`ask`, and nothing but this status will do."""
        answer = await self.ask(method, path, body)
        if answer.status != status:
            raise UnexpectedAnswer(f"{method} {path}: {answer.status}, {answer.body[:300]!r}")
        return answer

    async def _answer(self) -> Answer:
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = LENGTH.search(head)
        body = await self._reader.readexactly(int(length[1])) if length else b""
        return Answer(int(head[9:12]), body, head)


@asynccontextmanager
async def connected(port: int, count: int) -> AsyncIterator[list[Client]]:
    """So many clients, each on an open connection of its own."""
    ends = [await asyncio.open_connection("127.0.0.1", port) for _ in range(count)]
    try:
        yield [Client(*end) for end in ends]
    finally:
        for _, writer in ends:
            writer.close()
