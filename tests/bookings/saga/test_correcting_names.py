"""Names that were paid for: spelt otherwise by the customer, corrected by staff, erased at last."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from bookings import saga
from bookings.errors import BookingChanged, InvalidPassengers, NotPossible, NotYours
from bookings.invariants import broken
from bookings.models import Booking, PaymentStatus, State
from bookings.saga import Said
from bookings.saga.naming import letters_apart
from flights.clock import database_clock
from flights.models import Flight
from tests.bookings.saga.test_passengers import ADA, BYRON, SMALL, name, names
from tests.people import a_confirmed_booking, a_hold, a_payment, run_out, settle, standing

pytestmark = pytest.mark.django_db(transaction=True)

BABY = Said("12A", "Ralph", "King", "infant", SMALL)


def paid(flight: Flight, *said: Said, **more: Any) -> Booking:
    """A confirmed booking of these passengers."""
    seats = list(dict.fromkeys(one.seat for one in said))
    hold = name(a_hold(flight, *seats), *said, email="ada@example.org", **more)
    return settle(saga.start_payment(booking_id=hold.pk, code="00000"))


def leave(flight: Flight) -> None:
    """It departed an hour ago."""
    Flight.objects.filter(pk=flight.pk).update(departure=database_clock() - timedelta(hours=1))


# --- By the customer ------------------------------------------------------------------------
SLIPS = {
    "a letter more": ("Adda", "Lovelace"),
    "three letters": ("Ady", "Lovelays"),
    "an accent": ("Áda", "Lovelacé"),
    "another case": ("ADA", "LOVELACE"),
    "neighbours swapped": ("Aad", "Lovelaec"),
    "the names swapped": ("Lovelace", "Ada"),
    "all in one field": ("Ada Lovelace", ""),
}
OTHERS = {
    "another given name": ("Grace", "Lovelace"),
    "another family name": ("Ada", "Hopper"),
    "four letters": ("Adys", "Lovelays"),
    "half of it": ("Ada", ""),
}


@pytest.mark.parametrize("case", SLIPS)
def test_a_slip_is_corrected(flight: Flight, case: str) -> None:
    given, family = SLIPS[case]
    booking = paid(flight, ADA)
    corrected = name(booking, replace(ADA, given=given, family=family))
    assert names(corrected) == [f"{given} {family}".strip()] == [corrected.name]
    assert corrected.email == "ada@example.org"
    event = booking.events.get(name="names_corrected")
    assert (event.by, event.changes, event.detail) == ("customer", {}, "")
    assert standing(booking) == (State.CONFIRMED, PaymentStatus.CHARGED)
    assert list(broken()) == []


@pytest.mark.parametrize("case", OTHERS)
def test_nobody_else_travels_instead(flight: Flight, case: str) -> None:
    given, family = OTHERS[case]
    booking = paid(flight, ADA)
    with pytest.raises(InvalidPassengers, match="ask the airline"):
        name(booking, replace(ADA, given=given, family=family))
    assert names(booking) == ["Ada Lovelace"]


def test_many_slips_make_no_other_person(flight: Flight) -> None:
    booking = paid(flight, Said("12A", "Maria", "Bell"))
    for given in ("Marie", "Mario", "Mary"):
        name(booking, Said("12A", given, "Bell"))
    with pytest.raises(InvalidPassengers):
        name(booking, Said("12A", "Harry", "Hill"))
    assert names(name(booking, Said("12A", "Maria", "Bell"))) == ["Maria Bell"]


@pytest.mark.parametrize(
    "said",
    [
        (replace(ADA, seat="12B"), replace(BYRON, seat="12A")),
        (ADA, replace(BYRON, type="adult", born=None)),
        (ADA, replace(BYRON, born=BYRON.born and BYRON.born + timedelta(days=1))),
        (ADA, BYRON, BABY),
    ],
    ids=["other seats", "an adult now", "another birthday", "an infant more"],
)
def test_all_but_spelling_stays_as_it_was_paid(flight: Flight, said: tuple[Said, ...]) -> None:
    booking = paid(flight, ADA, BYRON)
    with pytest.raises(InvalidPassengers):
        name(booking, *said)
    assert names(booking) == ["Ada Lovelace", "Byron King"]


def test_an_infants_name_is_corrected_too_and_it_stays(flight: Flight) -> None:
    booking = paid(flight, ADA, BABY)
    corrected = name(booking, ADA, replace(BABY, given="Rolf"))
    assert corrected.passengers[0].infant.name == "Rolf King"
    with pytest.raises(InvalidPassengers):
        name(booking, ADA)


def test_who_paid_without_names_says_them_until_the_departure(flight: Flight) -> None:
    booking = a_confirmed_booking(flight, "12A")
    assert names(name(booking, ADA)) == ["Ada Lovelace"]
    leave(flight)
    with pytest.raises(NotPossible, match="has left"):
        name(booking, ADA)


def test_of_a_paid_booking_too_only_who_made_it_corrects(flight: Flight) -> None:
    booking = paid(flight, ADA)
    with pytest.raises(NotYours):
        name(booking, replace(ADA, given="Adda"), browser_id=uuid4())


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("", "", 0),
        ("", "abc", 3),
        ("ada", "ada", 0),
        ("ada", "aad", 1),
        ("ca", "abc", 3),
        ("kitten", "sitting", 3),
        ("lovelace", "lovelcae", 1),
    ],
)
def test_letters_apart(one: str, other: str, apart: int) -> None:
    assert letters_apart(one, other) == letters_apart(other, one) == apart


# --- By staff -------------------------------------------------------------------------------
def test_staff_correct_anything_and_say_why(flight: Flight) -> None:
    booking = paid(flight, ADA, BYRON)
    grace = Said("12A", "Grace", "Hopper")
    about: dict[str, Any] = {"booking_id": booking.pk, "by": "operator:olga", "reason": "marriage"}
    adult = replace(BYRON, type="adult", born=None)
    saga.correct_passengers(**about, said=[grace, adult], version=booking.version)
    assert names(booking) == ["Grace Hopper", "Byron King"]
    event = booking.events.get(name="passengers_corrected")
    assert (event.by, event.detail, event.changes) == ("operator:olga", "marriage", {})
    with pytest.raises(BookingChanged):
        saga.correct_passengers(**about, said=[grace, adult], version=booking.version - 1)
    # What staff wrote is what slips are measured by.
    name(booking, replace(grace, family="Hoper"), adult)
    with pytest.raises(InvalidPassengers):
        saga.correct_passengers(**about, said=[grace])


def test_staff_correct_nothing_of_what_is_over(flight: Flight) -> None:
    failed = settle(a_payment(flight, code="11111"))
    for booking, why in (
        (failed, "it is FAILED"),
        (paid(flight, replace(ADA, seat="14A")), "left"),
    ):
        if why == "left":
            leave(flight)
        with pytest.raises(NotPossible, match=why):
            saga.correct_passengers(booking_id=booking.pk, said=[ADA], by="operator:olga")


# --- Forgotten ------------------------------------------------------------------------------
def forgotten(booking: Booking) -> None:
    saga.forget_passengers(booking_id=booking.pk, by="operator:olga", reason="was asked to")
    booking.refresh_from_db()
    assert (booking.passengers, booking.name, booking.email) == ((), "", "")
    assert booking.contact_words is None
    assert booking.events.get(name="passengers_forgotten").changes == {}
    with pytest.raises(NotPossible, match="Nobody is named"):
        saga.forget_passengers(booking_id=booking.pk, by="operator:olga")


def test_who_travelled_is_forgotten_and_all_promises_hold(flight: Flight) -> None:
    booking = paid(flight, ADA, BYRON)
    with pytest.raises(NotPossible, match="has not left yet"):
        saga.forget_passengers(booking_id=booking.pk, by="operator:olga")
    assert names(booking) == ["Ada Lovelace", "Byron King"]
    leave(flight)
    forgotten(booking)
    assert standing(booking) == (State.CONFIRMED, PaymentStatus.CHARGED)
    assert list(broken()) == []


def test_a_booking_that_ended_is_forgotten_once_nothing_is_owed(flight: Flight) -> None:
    booking = paid(flight, ADA)
    saga.cancel_and_refund(booking_id=booking.pk, by="operator:olga")
    with pytest.raises(NotPossible, match="refund"):
        saga.forget_passengers(booking_id=booking.pk, by="operator:olga")
    forgotten(settle(booking))
    expired = name(a_hold(flight, "14A"), replace(ADA, seat="14A"))
    with pytest.raises(NotPossible, match="it is SEATS_RESERVED"):
        saga.forget_passengers(booking_id=expired.pk, by="operator:olga")
    run_out(expired)
    saga.advance(expired.pk)
    forgotten(expired)
