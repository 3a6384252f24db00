"""Whatever a browser, or somebody who is none, sends to the pages: an answer, never a 500.

Every address of `bookings.urls` is asked, with the fields of every form, so that a new page is
tried here without being named. `FUZZ_EXAMPLES` tells how often.
"""

import inspect
import os
from collections.abc import Iterator
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django import forms as django_forms
from django.test import Client
from django.urls import URLPattern, reverse
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bookings import saga, urls
from bookings.invariants import broken
from bookings.models import Booking, LedgerEntry
from bookings.notifications.links import key_of
from bookings.views import forms
from flights.models import Flight
from tests.alice import cookie_of
from tests.people import a_confirmed_booking, a_hold, a_payment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(0)]

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "120"))
FORMS = [
    sorted(form.base_fields)
    for _, form in inspect.getmembers(forms, inspect.isclass)
    if issubclass(form, django_forms.Form)
]
FIELDS = sorted({name for fields in FORMS for name in fields} | {"seen", "seats", "__proto__"})

anything = st.text(max_size=30)
realistic = st.sampled_from(
    [
        *("12A", "1A", "1A,1B", "1a", "99Z", "12", ",", "12A,12A", "true", "false", "on", "0", "1"),
        *("CDG", "Paris (CDG)", "(JFK)", "QQQ", "2030-01-01", "0001-01-01", "9999-12-31"),
        *("00000", "12345", "1234", "٠١٢٣٤", "-1", "1e9", "NaN", "9" * 30, "2147483648"),
        *("ada@example.org", "a@b", "@", "\x00", "1A\x00", "é" * 200, "A" * 5000, "' OR 1=1 --"),
        *("\ud800", "<script>", "{{ 7*7 }}", "../../etc/passwd", str(uuid4()), "c10-96"),
    ]
)
values = st.one_of(realistic, realistic, anything, st.integers().map(str))
names = st.one_of(st.sampled_from(FIELDS), st.sampled_from(FIELDS), anything)
loose = st.lists(st.tuples(names, values), max_size=6)
whole = st.sampled_from(FORMS).flatmap(
    lambda fields: st.tuples(*(st.tuples(st.just(name), values) for name in fields)).map(list)
)
pairs = st.one_of(whole, loose)
ids = st.one_of(st.sampled_from(["open", "open", "other"]), st.integers(0, 10**30).map(str))
headers = st.dictionaries(
    st.sampled_from(["hx-request", "hx-target", "accept-language", "referer", "x-forwarded-for"]),
    st.sampled_from(["true", "false", "", "\x7f", "de;q=x", "http://[", "é"]),
    max_size=3,
)
cookies = st.dictionaries(
    st.sampled_from(["browser", "sessionid", "csrftoken", "messages"]),
    st.sampled_from(["", "x", "a:b:c", "é", "A" * 4000, "00000000000000000000000000000000:1:x"]),
    max_size=2,
)
bodies = st.one_of(
    pairs.map(lambda fields: ("application/x-www-form-urlencoded", encoded(fields))),
    st.tuples(
        st.sampled_from(
            ["application/json", "text/plain", "", "multipart/form-data", "multipart/form-data; "
             "boundary=x", "application/x-www-form-urlencoded; charset=utf-7", "a/b; charset=none"]
        ),
        st.binary(max_size=100) | st.just(b'--x\r\nContent-Disposition: form-data; name="seat'),
    ),
)  # fmt: skip


def encoded(fields: list[tuple[str, str]]) -> bytes:
    """As a browser sends them, or with bytes that are no text at all."""
    return urlencode(fields, errors="surrogatepass").encode()


class Site:
    """The pages, with bookings in every state that a form can meet."""

    def __init__(self, flight: Flight) -> None:
        self.flight = flight
        # One has one open booking on a flight.
        self.browsers = [first, second, third] = [uuid4() for _ in range(3)]
        self.bookings = [
            a_hold(flight, "1A", browser_id=first),
            a_payment(flight, "1B", code="12345", browser_id=second),
            a_confirmed_booking(flight, "1C", browser_id=third),
        ]
        paid = self.bookings[2]
        self.change = saga.start_change(booking_id=paid.pk, seats=["1D"], browser_id=third)

    def address(self, page: URLPattern, which: str, number: int) -> str:
        """With an id that exists, or one that does not."""
        known = {
            "flight_id": self.flight.pk if which in ("open", "other") else int(which),
            "booking_id": self.bookings[number].pk if which == "open" else uuid4(),
            "change_id": self.change.pk if number == 2 else uuid4(),
            "key": key_of(self.bookings[number]) if number else "nonsense",
        }
        return reverse(
            str(page.name), kwargs={name: known[name] for name in page.pattern.converters}
        )


@pytest.fixture
def site(flight: Flight) -> Site:
    return Site(flight)


PAY = next(page for page in urls.urlpatterns if page.name == "pay")


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(
    page=st.sampled_from(urls.urlpatterns),
    which=ids,
    number=st.integers(0, 2),
    method=st.sampled_from(["GET", "GET", "POST", "POST", "POST", "HEAD", "PUT"]),
    query=pairs,
    body=bodies,
    headers=headers,
    cookies=cookies,
)
@example(PAY, "open", 0, "POST", [], ("multipart/form-data", b""), {}, {"browser": "é"})
def test_no_page_fails_whatever_it_is_sent(
    site: Site,
    page: URLPattern,
    which: str,
    number: int,
    method: str,
    query: list[tuple[str, str]],
    body: tuple[str, bytes],
    headers: dict[str, str],
    cookies: dict[str, str],
) -> None:
    client = Client(raise_request_exception=False)
    # In the browser that made the booking, or in one whose cookies are nonsense.
    client.cookies["browser"] = cookie_of(site.browsers[number])
    for name, value in cookies.items():
        client.cookies[name] = value
    kind, content = body if method in ("POST", "PUT") else ("", b"")
    answer = client.generic(
        method,
        site.address(page, which, number),
        content,
        content_type=kind,
        headers=headers,
        QUERY_STRING=encoded(query).decode(),
    )
    assert answer.status_code < 500, (method, page, query, body, headers, cookies)


@pytest.fixture(autouse=True)
def nothing_half_written(site: Site) -> Iterator[None]:
    """Whatever was sent, every booking still keeps every promise."""
    yield
    found = broken(overdue_seconds=3600)
    assert [str(each) for each in found if not each.invariant.warning] == []
    assert Booking.objects.filter(state="CONFIRMED").count() <= LedgerEntry.objects.count()
