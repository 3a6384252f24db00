"""Among ever so many bookings, pages read the few rows they show, by an index."""

from functools import partial

import pytest
from django.test import Client

from flights.admin.paginator import COUNT_UP_TO
from flights.models import Flight
from tests.bookings.admin.staff import LIST
from tests.bookings.grown import BOOKINGS, grow, rows_read
from tests.people import a_confirmed_booking, a_hold, a_payment

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_search_and_filter_reads_few_bookings(olga: Client, flight: Flight) -> None:
    grow(flight)
    alice = a_confirmed_booking(flight, "12A")
    a_hold(flight, "12B"), a_payment(flight, "12C")
    day = str(flight.departure_date)
    searches = [
        str(alice.record_locator), str(alice.record_locator)[:3], str(alice.pk), "AF1234",
        f"AF1234 {day}", "AF1234 12A", f"12A {day}", "ZZ77", "ZZ77 12A", "nobody444",
        "known4444", "Nobody400 Known400", "nobody40@", "x@y", "nobody 12A", "xyzzy", "held",
        "paying", "nobody xyzzy", "AF1234 confirmed", "nobody", "failed", "confirmed", "expired",
    ]  # fmt: skip
    filters = [
        {}, {"state": "FAILED"}, {"state": "EXPIRED"}, {"state": "CREATED"},
        {"state": "PAYMENT_PROCESSING"}, {"attention": "overdue"}, {"attention": "failing"},
        {"attention": "refund"}, {"attention": "mail"}, {"flight": str(flight.pk)}, {"p": "9"},
        {"attention": "refund", "q": "AF1234"}, {"state": "FAILED", "q": "nobody400"},
    ]  # fmt: skip
    asked = [{"q": search} for search in searches] + filters
    read = {str(query): rows_read(partial(olga.get, LIST, query)) for query in asked}
    assert {query: rows for query, rows in read.items() if rows > 2 * COUNT_UP_TO} == {}
    broad = {str({"q": word}) for word in ("nobody", "failed", "confirmed", "expired")}
    narrow = {query: rows for query, rows in read.items() if "'q'" in query}
    assert {q: rows for q, rows in narrow.items() if rows > 1_000 and q not in broad} == {}
    assert BOOKINGS > 5 * COUNT_UP_TO
