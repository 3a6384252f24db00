"""Passengers, as programs name them."""

import pytest

from bookings.models import Booking
from flights.models import Flight
from tests.bookings.api.conftest import Program

pytestmark = pytest.mark.django_db(transaction=True)

ADA = {"seat": "12A", "givenName": "Ada", "familyName": "Lovelace", "type": "adult"}
EVE = {"seat": "12B", "givenName": "Eve", "type": "child", "dateOfBirth": "2022-02-03"}
BABY = {"seat": "12A", "familyName": "King", "type": "infant", "dateOfBirth": "2026-05-01"}


def test_a_family_is_named_and_read_back(api: Program, flight: Flight) -> None:
    order = api.hold(flight, "12A", "12B")
    body = {"passengers": [EVE, BABY, ADA], "email": "ada@example.org"}
    answer = api.put(f"/orders/{order}/passengers", body)
    assert answer.status_code == 200, answer.content
    empty = {"givenName": "", "familyName": "", "dateOfBirth": None}
    assert answer.json() == {
        "orderId": order,
        "status": "SEATS_RESERVED",
        "passengers": [empty | ADA, empty | BABY, empty | EVE],
    }
    assert Booking.objects.get(pk=order).email == "ada@example.org"


def test_all_of_them_or_none(api: Program, flight: Flight) -> None:
    order = api.hold(flight, "12A", "12B")
    answer = api.put(f"/orders/{order}/passengers", {"passengers": [ADA]})
    assert answer.status_code == 400
    assert answer.json() == {
        "error": "INVALID_PASSENGERS",
        "message": "Nobody is named for seat 12B.",
    }
    assert Booking.objects.get(pk=order).passengers == ()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"passengers": "Ada"},
        {"passengers": [{"givenName": "Ada"}]},
        {"passengers": [ADA | {"dateOfBirth": "yesterday"}]},
        {"passengers": [ADA | {"dateOfBirth": "2026-02-30"}]},
        {"passengers": [ADA | {"type": None}]},
        {"passengers": [ADA | {"givenName": "\ud800"}]},
        {"passengers": [ADA | {"givenName": "A\x00da"}]},
        {"passengers": [ADA | {"seat": "\x00"}]},
        {"passengers": [ADA] * 5000},
        {"passengers": [ADA], "email": "nonsense"},
    ],
)
def test_nonsense_is_refused_in_words(api: Program, flight: Flight, body: object) -> None:
    order = api.hold(flight, "12A")
    answer = api.put(f"/orders/{order}/passengers", body)
    assert answer.status_code == 400
    assert answer.json()["message"]
    assert len(answer.json()["message"]) < 500
    assert Booking.objects.get(pk=order).version == 1


def test_no_such_order(api: Program) -> None:
    answer = api.put("/orders/nonsense/passengers", {"passengers": [ADA]})
    assert (answer.status_code, answer.json()["error"]) == (404, "ORDER_NOT_FOUND")
