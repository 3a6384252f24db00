"""Every address of the back office, also one that somebody adds."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.urls import URLResolver, get_resolver

from flights.models import Flight
from tests.bookings.admin.staff import a_supervisor, staff_with
from tests.people import a_confirmed_booking

pytestmark = pytest.mark.django_db(transaction=True)

# What everybody who may sign in has.
EVERYBODYS = re.compile(r"/admin/(login/|logout/|jsi18n/|password_change/(done/)?)?")
WANTED = "post=yes&reason=x&seats=1A&do=import&action=terminate"


def addresses(resolver: URLResolver, before: str = "/") -> Iterator[str]:
    for each in resolver.url_patterns:
        address = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from addresses(each, address)
        elif address.startswith("/admin/") and "(?P" not in address:
            yield address


def of(flight: Flight) -> Iterator[str]:
    """With the ids that there are put in."""
    booking = a_confirmed_booking(flight).pk
    ids = {"uuid:booking_id": booking, "int:flight_id": flight.pk, "slug:name": "terminate"}
    for pattern in addresses(get_resolver()):
        for object_id in (booking, flight.pk):
            known = {**ids, "path:object_id": object_id, "slug:kind": "csv"}
            parts = re.split("<([^>]+)>", pattern)
            parts[1::2] = [str(known.get(each, 1)) for each in parts[1::2]]
            address = "".join(parts)
            yield f"{address}?ids={booking}&_selected_action={booking}&{WANTED}"


def test_whoever_has_no_rights_has_no_page(flight: Flight) -> None:
    nobody = staff_with(name="nobody")
    for address in of(flight):
        if not EVERYBODYS.fullmatch(address.partition("?")[0]):
            for answer in (nobody.get(address), nobody.post(address, {"reason": "x"})):
                assert answer.status_code in (301, 302, 403, 404, 405), address


def test_whoever_only_looks_changes_nothing(flight: Flight) -> None:
    olga, written = a_supervisor(), list[str]()

    def note(execute: Any, sql: str, *args: Any) -> Any:
        if re.search(r"\b(INSERT|UPDATE|DELETE) (?!OF|NOWAIT|SKIP)", sql) and "session" not in sql:
            written.append(sql)
        return execute(sql, *args)

    every = list(of(flight))
    assert len(every) > 100
    with connection.execute_wrapper(note):
        for address in every:
            olga.get(address)
            assert written == [], address
