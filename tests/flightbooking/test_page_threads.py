"""Django behind the event loop: nobody who is slow holds a thread, and all is tidied up."""

import asyncio
import tempfile
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.core.signals import request_finished, request_started
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from bookings.live.viewer import Message
from flightbooking import page_threads
from flightbooking.page_threads import PageThreads

SCOPE = {
    "type": "http",
    "method": "GET",
    "path": "/",
    "query_string": b"",
    "http_version": "1.1",
    "scheme": "http",
    "server": ("127.0.0.1", "8000"),
    "client": ("127.0.0.1", "50000"),
    "headers": [(b"host", b"127.0.0.1")],
    "extensions": {"http.response.pathsend": {}},
}


class Site(WSGIHandler):
    """Django with one page, and what it was asked."""

    def __init__(self, page: Callable[[], HttpResponseBase]) -> None:
        super().__init__()
        self.page = page
        self.asked: list[WSGIRequest] = []

    def get_response(self, request: Any) -> Any:
        self.asked.append(request)
        return self.page()


class Answer:
    """What a browser is sent."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def send(self, message: Message) -> None:
        self.messages.append(dict(message))

    @property
    def content(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages)


class Stalled(Answer):
    """A browser that takes the beginning and nothing more."""

    async def send(self, message: Message) -> None:
        await super().send(message)
        if message["type"] == "http.response.body":
            await asyncio.sleep(60)


def ask(
    site: Site, *headers: tuple[bytes, bytes], body: bytes = b"", answer: Answer | None = None
) -> Answer:
    """One request through one thread."""
    answer = answer or Answer()
    scope = {**SCOPE, "headers": [*SCOPE["headers"], *headers]}
    threads = PageThreads(site, threads=1)
    asyncio.run(asyncio.wait_for(threads.answer(scope, body, answer.send), 5))
    return answer


def page(content: bytes = b"Hello") -> HttpResponse:
    return HttpResponse(content, headers={"X-Gate": "12"})


def test_a_page_is_one_answer_and_django_hears_its_beginning_and_its_end() -> None:
    heard: list[tuple[str, int]] = []

    def started(**_: Any) -> None:
        heard.append(("started", threading.get_ident()))

    def finished(**_: Any) -> None:
        heard.append(("finished", threading.get_ident()))
        over.set()

    over = threading.Event()
    request_started.connect(started)
    request_finished.connect(finished)
    try:
        answer = ask(Site(page))
        assert over.wait(5)
    finally:
        request_started.disconnect(started)
        request_finished.disconnect(finished)
    start, body = answer.messages
    assert (start["status"], body) == (200, {"type": "http.response.body", "body": b"Hello"})
    assert (b"x-gate", b"12") in start["headers"]
    assert [name for name, _ in heard] == ["started", "finished"]
    assert len({thread for _, thread in heard}) == 1


def test_the_lines_of_an_export_are_sent_together() -> None:
    lines = [b"%d,AF1234\n" % number for number in range(20_000)]
    answer = ask(Site(lambda: StreamingHttpResponse(lines)))
    assert answer.content == b"".join(lines)
    assert 3 < len(answer.messages) < 20


def test_an_export_that_comes_slowly_is_sent_as_it_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(page_threads, "GATHER_SECONDS", 0)
    answer = ask(Site(lambda: StreamingHttpResponse([b"1", b"2"])))
    assert [message.get("body") for message in answer.messages] == [None, b"1", b"2", None]


def test_who_takes_nothing_of_an_export_holds_a_thread_no_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(page_threads, "STALLED_SECONDS", 0.1)
    closed = threading.Event()

    def lines() -> Iterator[bytes]:
        try:
            while True:
                yield b"x" * 100_000
        finally:
            closed.set()

    with pytest.raises(TimeoutError):
        ask(Site(lambda: StreamingHttpResponse(lines())), answer=Stalled())
    assert closed.wait(5)


def test_an_export_that_fails_ends_and_its_thread_goes_on() -> None:
    def lines() -> Iterator[bytes]:
        yield b"x" * 100_000
        raise ValueError("no more")

    async def both() -> None:
        threads = PageThreads(site, threads=1)
        with pytest.raises(ValueError, match="no more"):
            await threads.answer(SCOPE, b"", Answer().send)
        site.page = page
        await threads.answer(SCOPE, b"", answer.send)

    site, answer = Site(lambda: StreamingHttpResponse(lines())), Answer()
    asyncio.run(asyncio.wait_for(both(), 5))
    assert answer.content == b"Hello"


def test_a_file_is_sent_by_the_web_server(tmp_path: Path) -> None:
    (tmp_path / "seats.css").write_bytes(b"x" * 100)
    answer = ask(Site(lambda: FileResponse((tmp_path / "seats.css").open("rb"))))
    start, path = answer.messages
    assert (b"content-length", b"100") in start["headers"]
    assert path == {"type": "http.response.pathsend", "path": str(tmp_path / "seats.css")}


def test_a_file_that_goes_with_the_answer_is_sent_before() -> None:
    def temporary() -> FileResponse:
        file = tempfile.NamedTemporaryFile()  # noqa: SIM115 - the answer closes it
        file.write(b"x" * 100_000)
        file.seek(0)
        return FileResponse(file)

    assert ask(Site(temporary)).content == b"x" * 100_000


def test_a_body_that_came_in_chunks_is_read() -> None:
    site = Site(page)
    ask(site, (b"transfer-encoding", b"chunked"), body=b"seat=12A")
    assert site.asked[0].read() == b"seat=12A"


def test_headers_are_told_as_the_standards_have_it() -> None:
    site = Site(page)
    ask(
        site,
        (b"cookie", b"a=1"),
        (b"cookie", b"b=2"),
        (b"x-forwarded-for", b"192.0.2.1"),
        (b"x-forwarded-for", b"192.0.2.2"),
        # What no proxy of ours would overwrite.
        (b"x_forwarded_for", b"203.0.113.1"),
    )
    [request] = site.asked
    assert request.COOKIES == {"a": "1", "b": "2"}
    assert request.headers["X-Forwarded-For"] == "192.0.2.1,192.0.2.2"


def test_however_much_one_address_asks_the_others_have_their_turn() -> None:
    """Hundreds of sign-ins, a third of a second each, would keep a page waiting for a minute."""
    said = list[str]()

    async def all_of_them() -> None:
        may_go_on = threading.Event()

        def slow() -> HttpResponse:
            may_go_on.wait(5)
            return page()

        threads = PageThreads(Site(slow), threads=1)

        async def one(address: str) -> None:
            await threads.answer(SCOPE, b"", Answer().send, address=address)
            said.append(address)

        asked = [asyncio.create_task(one(each)) for each in ["greedy"] * 20 + ["ann", "bob"]]
        await asyncio.sleep(0)
        may_go_on.set()
        await asyncio.gather(*asked)

    asyncio.run(asyncio.wait_for(all_of_them(), 5))
    assert sorted(said.index(each) for each in ("ann", "bob")) <= [2, 3]
    assert said[-15:] == ["greedy"] * 15


def test_no_address_takes_every_thread() -> None:
    may_go_on = threading.Event()

    def slow() -> HttpResponse:
        may_go_on.wait(5)
        return page()

    async def all_of_them() -> None:
        site = Site(slow)
        threads = PageThreads(site, threads=page_threads.FOR_OTHERS + 1)
        answer = partial(threads.answer, SCOPE, b"", Answer().send)
        greedy = [asyncio.create_task(answer(address="greedy")) for _ in range(5)]
        while not site.asked:
            await asyncio.sleep(0.01)
        site.page = page
        await answer(address="ann")
        assert len(site.asked) == 2
        may_go_on.set()
        await asyncio.gather(*greedy)

    asyncio.run(asyncio.wait_for(all_of_them(), 5))
