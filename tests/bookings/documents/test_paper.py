"""The pages of a PDF."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from reportlab.platypus import Flowable

from bookings.documents.paper import as_pdf, text


class Slow(Flowable):  # type: ignore[misc]
    """What takes as long to draw as one likes."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.goes_on = Event(), Event()

    def draw(self) -> None:
        self.begun.set()
        assert self.goes_on.wait(10)


def test_threads_write_one_after_the_other_for_they_share_the_fonts() -> None:
    slow, quick = Slow(), text("Ada", letters=9)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(as_pdf, [slow], title="slow")
        assert slow.begun.wait(10)
        second = threads.submit(as_pdf, [quick], title="quick")
        with pytest.raises(TimeoutError):
            second.result(0.3)
        slow.goes_on.set()
        for each in (first, second):
            assert each.result(10).startswith(b"%PDF-")
