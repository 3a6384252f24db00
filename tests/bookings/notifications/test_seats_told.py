"""Whose seats change, or who gives some back, is told which were theirs and which are now."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from pytest_django import Settings

from bookings import saga
from bookings.invariants import broken
from bookings.models import Booking, Kind, Message
from flights.models import CabinLayout, Flight
from tests.bookings.notifications.ada import (
    BY,
    Mails,
    a_booking_of_ada,
    a_payment_of_ada,
    kinds,
    messages_sent,
    refuse_all_mail,
    says,
    texts,
    told,
)
from tests.people import a_hold, named, settle

pytestmark = pytest.mark.django_db(transaction=True)

# Without the letter C.
ANOTHER = """
aircraft Test 319
range 6150 km
speed 830 km/h
cabin economy AB DEF fare 1
1-20 AB DEF
"""


def swap(flight: Flight) -> None:
    CabinLayout.objects.create(code="another", source=ANOTHER, aircraft="Test 319")
    about: dict[str, Any] = {"flight_id": flight.pk, "layout": "another"}
    digest = saga.foresee_swap(**about).digest
    saga.swap_aircraft(**about, digest=digest, by=BY, reason="only for us")


def move(booking: Booking, *seats: str) -> None:
    saga.reseat(booking_id=booking.pk, seats=seats, by=BY, reason="only for us")


def give_back(booking: Booking, *seats: str) -> None:
    quote = saga.quote_cancellation(booking_id=booking.pk, seats=seats)
    for _ in "again":
        saga.cancel_as_quoted(booking_id=booking.pk, quote_id=quote.id)


def subjects(mails: Mails) -> list[str]:
    return [mail.subject.partition(":")[0] for mail in mails]


def attached(mail: EmailMultiAlternatives) -> list[object]:
    return [mimetype for _, _, mimetype in mail.attachments]


@pytest.fixture
def ada(flight: Flight, mailoutbox: Mails) -> Booking:
    """In 12A and 12C, and knows it."""
    booking = a_booking_of_ada(flight, "12A", "12C")
    told(booking, mailoutbox)
    return booking


def test_who_has_the_same_seats_again_is_not_told_that_they_are_others(
    ada: Booking, mailoutbox: Mails
) -> None:
    move(ada, "1A", "1C")
    move(ada, "12A", "12C")
    [mail] = told(ada, mailoutbox)
    says(mail, "After several changes you have again seats 12A, 12C.")
    assert not any("Instead of" in text for text in texts(mail))


def test_whom_staff_move_has_the_old_seats_and_the_new_ones_in_writing(
    ada: Booking, mailoutbox: Mails
) -> None:
    move(ada, "14A", "14B")
    [mail] = told(ada, mailoutbox)
    assert mail.subject.startswith(f"New seats: {ada.record_locator}, Paris to New York, ")
    says(mail, "Your seats have changed", "Instead of seats 12A, 12C you have seats 14A, 14B.")
    assert attached(mail) == ["application/pdf", "text/calendar"]
    for text in texts(mail):
        assert "only for us" not in text
        assert "another aircraft" not in text
    assert told(ada, mailoutbox) == []


def test_whom_another_aircraft_moves_is_told_so_and_nobody_else(
    flight: Flight, ada: Booking, mailoutbox: Mails
) -> None:
    stays = a_booking_of_ada(flight, "1A")
    paying, hold = a_payment_of_ada(flight, "2C"), named(a_hold(flight, "3C"), email="ada@a.org")
    swap(flight)
    [mail] = told(ada, mailoutbox)
    seats = ", ".join(Booking.objects.get(pk=ada.pk).seats)
    says(mail, "AF1234 has another aircraft now: Test 319.")
    says(mail, f"Instead of seats 12A, 12C you have seats {seats}.")
    assert Kind.SEATS_CHANGED not in {*kinds(stays), *kinds(paying), *kinds(hold)}
    [mail] = told(settle(paying), mailoutbox)
    assert mail.subject.startswith("Confirmed")
    assert "Seat 2C" not in texts(mail)[0]


def test_of_several_moves_that_wait_one_mail_tells(
    ada: Booking, settings: Settings, mailoutbox: Mails
) -> None:
    working = settings.MAILERS
    refuse_all_mail(settings)
    move(ada, "14A", "14B")
    told(ada, mailoutbox)
    move(ada, "15A", "15B")
    settings.MAILERS = working
    ada.messages.filter(sent_at=None).update(due_at=ada.created_at)
    [mail] = told(ada, mailoutbox)
    says(mail, "Instead of seats 12A, 12C you have seats 15A, 15B.")
    assert not ada.messages.filter(due_at__isnull=False).exists()
    move(ada, "16A", "16B")
    [mail] = told(ada, mailoutbox)
    says(mail, "Instead of seats 15A, 15B you have seats 16A, 16B.")


def test_whose_booking_ends_first_is_not_told_of_new_seats(ada: Booking, mailoutbox: Mails) -> None:
    move(ada, "14A", "14B")
    saga.cancel_and_refund(booking_id=ada.pk, by=BY)
    assert subjects(told(ada, mailoutbox)) == ["Cancelled"]


def test_a_hold_that_is_moved_is_told_nothing(flight: Flight) -> None:
    hold = named(a_hold(flight, "3C"), email="ada@example.org")
    move(hold, "4C")
    assert not Message.objects.exists()


def test_who_gives_some_seats_back_is_told_what_stands_and_what_goes_back(
    ada: Booking, mailoutbox: Mails
) -> None:
    give_back(ada, "12A")
    cancelled, refund = told(ada, mailoutbox)
    assert cancelled.subject.startswith(f"Seats cancelled: {ada.record_locator}, Paris")
    says(cancelled, "You cancelled seat 12A, and keep seat 12C.", "€200")
    assert attached(cancelled) == ["application/pdf", "text/calendar"]
    assert "nothing goes back" not in texts(cancelled)[0]
    assert "Seat 12A" not in texts(cancelled)[0]
    assert refund.subject.startswith("Refund on its way")
    says(refund, "Your refund is on its way", "€140 is on its way back")
    ids = {str(mail.message()["Message-ID"]) for mail in (cancelled, refund)}
    assert len(ids) == 2, "of one event, and yet no double"


def test_seats_that_were_moved_before_some_are_given_back_are_told_as_they_were_then(
    ada: Booking, mailoutbox: Mails
) -> None:
    move(ada, "14A", "14B")
    give_back(ada, "14A")
    moved, cancelled, _ = told(ada, mailoutbox)
    says(moved, "Instead of seats 12A, 12C you have seats 14A, 14B.")
    says(cancelled, "You cancelled seat 14A, and keep seat 14B.")


def test_who_gives_seats_back_for_nothing_has_that_in_writing(
    flight: Flight, mailoutbox: Mails
) -> None:
    hold = saga.hold_seats(flight_id=flight.pk, seats=["12A", "12B"], fare="light")
    booking = settle(saga.start_payment(booking_id=hold.pk, code="00000", email="ada@example.org"))
    told(booking, mailoutbox)
    give_back(booking, "12B")
    [mail] = told(booking, mailoutbox)
    says(mail, "You cancelled seat 12B, and keep seat 12A.", "of its fare nothing goes back.")
    assert list(broken()) == []


@pytest.mark.parametrize("again", [settle, lambda booking: saga.sweep()])
def test_each_of_several_refunds_is_told_twice_once_it_is_asked_for_and_once_it_is_made(
    ada: Booking, mailoutbox: Mails, again: Callable[[Booking], object]
) -> None:
    give_back(ada, "12A")
    saga.give_refund(booking_id=ada.pk, amount_cents=1000, by=BY)
    saga.give_refund(booking_id=ada.pk, amount_cents=250, by=BY)
    asked = told(ada, mailoutbox)
    assert subjects(asked) == ["Seats cancelled", *["Refund on its way"] * 3]
    for mail, amount in zip(asked[1:], ("€140", "€10", "€2.50"), strict=True):
        says(mail, f"{amount} is on its way back")
    again(settle(ada))
    made = told(ada, mailoutbox)
    assert subjects(made) == ["Refund made"] * 3
    for mail, amount in zip(made, ("€140", "€10", "€2.50"), strict=True):
        says(mail, "Your refund is made", f"{amount} has been given back.")
    ids = {str(mail.message()["Message-ID"]) for mail in (*asked, *made)}
    assert len(ids) == len(asked) + len(made) == 7
    assert (messages_sent(ada), told(ada, mailoutbox)) == (8, [])
    assert list(broken()) == []
