"""A booking's fare: chosen with the seats, kept from the payment on, whatever staff sell later."""

from functools import partial
from itertools import cycle, islice
from typing import Any
from uuid import uuid4

import pytest

from bookings import saga
from bookings.errors import (
    AlreadyPaid,
    BookingChanged,
    BookingError,
    BookingNotFound,
    HoldExpired,
    InvalidFare,
    InvalidSeats,
    NotYours,
    PaymentInProgress,
)
from bookings.fares import terms_of
from bookings.invariants import broken
from bookings.models import Booking, SeatClaim, State
from bookings.saga.statements import make
from bookings.saga.transitions import FARE_CHOSEN
from flights import known_fares
from flights.models import FIRST_STANDARD, STANDARD, Fare, Flight
from tests.people import a_confirmed_booking, a_flight, a_hold, a_payment, owned, run_out, settle
from tests.racing import race

pytestmark = pytest.mark.django_db(transaction=True)


def a_hold_at(flight: Flight, fare: str, *seats: str) -> Booking:
    return saga.hold_seats(flight_id=flight.pk, seats=seats or ["12A"], fare=fare)


def choose(booking: Booking, fare: str, **who: Any) -> Booking:
    return saga.choose_fare(booking_id=booking.pk, fare=fare, **who)


def edit(code: str, **columns: object) -> None:
    """Staff sell a fare on other terms; this process has not heard of it."""
    known_fares.sold()
    fare = Fare.objects.get(code=code, on_sale=True)
    for name, value in columns.items():
        setattr(fare, name, value)
    fare.replace()


def fare_of(booking: Booking) -> Fare:
    return Fare.objects.get(pk=Booking.objects.get(pk=booking.pk).fare_id)


def events(booking: Booking) -> list[str]:
    return list(booking.events.values_list("name", flat=True))


def test_whoever_names_no_fare_gets_standard_at_the_price_of_the_seats(flight: Flight) -> None:
    alice = a_hold(flight, "12A", "12B")
    assert (fare_of(alice).code, alice.total_cents) == (STANDARD, 40_000)
    assert alice.events.get().changes["fare_id"] == alice.fare_id


@pytest.mark.parametrize(("fare", "cents"), [("light", 34_000), ("flex", 52_000)])
def test_another_fare_is_its_share_of_the_price(flight: Flight, fare: str, cents: int) -> None:
    held = a_hold_at(flight, fare, "12A", "12B")
    assert (fare_of(held).code, held.total_cents) == (fare, cents)
    chosen = choose(a_hold(flight, "13A", "13B"), fare)
    assert (fare_of(chosen).code, chosen.total_cents) == (fare, cents)


def test_choosing_a_fare_changes_the_price_and_nothing_else(flight: Flight) -> None:
    before = a_hold(flight, "12A", "12B")
    after = choose(before, "flex")
    told = after.events.last()
    assert told
    assert told.name == "fare_chosen"
    assert told.changes == {"fare_id": after.fare_id, "total_cents": 52_000}
    assert (after.state, after.due_at, after.seats) == (before.state, before.due_at, before.seats)
    assert owned(after) == ["12A", "12B"]


# 85 % of 10 yen are 8.5.
@pytest.mark.parametrize(
    ("currency", "seat", "light"), [("EUR", 300, 255), ("JPY", 10, 9), ("KWD", 15_000, 12_750)]
)
def test_each_seat_is_rounded_half_up_to_the_smallest_unit(
    flight: Flight, currency: str, seat: int, light: int
) -> None:
    dear = a_flight("AF2", base_fare_cents=seat, currency=currency)
    held = a_hold(dear, "12A", "12B")
    assert choose(held, "light").total_cents == 2 * light
    for fare in ("flex", "light", "flex", STANDARD):
        held = choose(held, fare)
    assert held.total_cents == a_hold(dear, "13A", "13B").total_cents


def test_seats_that_are_changed_keep_the_fare_or_get_the_one_that_is_named(flight: Flight) -> None:
    alice = choose(a_hold(flight, "12A"), "light")
    alice = saga.update_seats(booking_id=alice.pk, seats=["12A", "12B"])
    assert (fare_of(alice).code, alice.total_cents) == ("light", 34_000)
    alice = saga.update_seats(booking_id=alice.pk, seats=["12B", "12C"], fare="flex")
    assert (fare_of(alice).code, alice.total_cents) == ("flex", 52_000)
    # What is given back costs nothing, at no fare; the fare stays chosen.
    alice = saga.update_seats(booking_id=alice.pk, seats=[])
    assert (choose(alice, "light").total_cents, alice.state) == (0, State.CREATED)
    alice = saga.update_seats(booking_id=alice.pk, seats=["12A"])
    assert (fare_of(alice).code, alice.total_cents) == ("light", 17_000)


@pytest.mark.parametrize("fare", ["", "LIGHT", "gold", "light\x00", "x" * 1000, "٣"])
def test_a_fare_that_is_not_sold_is_refused(flight: Flight, fare: str) -> None:
    alice = a_hold(flight)
    with pytest.raises(InvalidFare):
        a_hold_at(flight, fare, "13A")
    with pytest.raises(InvalidFare):
        choose(alice, fare)
    with pytest.raises(InvalidFare):
        saga.update_seats(booking_id=alice.pk, seats=["13A"], fare=fare)
    assert owned(alice) == ["12A"]


def test_only_a_hold_gets_another_fare_and_only_from_whoever_made_it(flight: Flight) -> None:
    paying, paid = a_payment(flight, "1A"), a_confirmed_booking(flight, "1B")
    over, others = a_hold(flight, "1C"), a_hold(flight, "1D", browser_id=uuid4())
    run_out(over)
    refusals: dict[Booking, type[BookingError]] = {
        paying: PaymentInProgress,
        paid: AlreadyPaid,
        over: HoldExpired,
        others: NotYours,
        Booking(pk=uuid4()): BookingNotFound,
    }
    for booking, refusal in refusals.items():
        with pytest.raises(refusal):
            choose(booking, "light")
    assert {fare_of(each).code for each in (paying, paid, over, others)} == {STANDARD}


def test_seats_that_would_cost_too_much_at_a_fare_are_refused(flight: Flight) -> None:
    dear = a_flight("AF2", base_fare_cents=2_000_000_000)
    alice = a_hold(dear)
    with pytest.raises(InvalidSeats, match="more than one booking can"):
        choose(alice, "flex")


def test_what_was_sold_stays_when_staff_sell_on_other_terms(flight: Flight) -> None:
    held, paid = a_hold_at(flight, "light", "21A"), settle(a_payment(flight, "21B"))
    edit("light", percent=90, refund_percent=10, refund_hours=5)
    edit(STANDARD, refund_percent=0)
    assert fare_of(held).percent == 85
    assert terms_of(paid, flight).refund.cents == 14_000
    # Chosen again, a fare stays what it was; other seats cost what it says.
    held = saga.update_seats(booking_id=choose(held, "light").pk, seats=["21A", "21C"])
    assert held.total_cents == 34_000
    assert settle(saga.start_payment(booking_id=held.pk, code="00000")).total_cents == 34_000
    assert list(broken()) == []


def test_a_process_that_knows_an_old_fare_sells_the_new_one(flight: Flight) -> None:
    alice = a_hold(flight, "12A")
    edit(STANDARD, refund_hours=48)
    assert fare_of(a_hold(flight, "13A")).refund_hours == 48
    edit("light", percent=80)
    assert choose(alice, "light").total_cents == 16_000
    edit("flex", percent=150)
    changed = saga.update_seats(booking_id=alice.pk, seats=["14A"], fare="flex")
    assert changed.total_cents == 30_000


def test_a_fare_that_is_no_longer_sold_stays_with_whoever_holds_seats_at_it(
    flight: Flight,
) -> None:
    alice, bob = a_hold_at(flight, "light", "12A"), a_hold(flight, "13A")
    edit("light", on_sale=False)
    with pytest.raises(InvalidFare):
        choose(bob, "light")
    with pytest.raises(InvalidFare):
        a_hold_at(flight, "light", "14A")
    alice = saga.update_seats(booking_id=alice.pk, seats=["12B"])
    paid = settle(saga.start_payment(booking_id=choose(alice, "light").pk, code="00000"))
    assert (paid.state, paid.total_cents) == (State.CONFIRMED, 17_000)


def test_a_price_made_of_other_seats_than_are_held_is_refused(flight: Flight) -> None:
    seen = a_hold(flight, "12A", "12B")
    saga.update_seats(booking_id=seen.pk, seats=["12A"])
    said = {"fare": FIRST_STANDARD, "total": seen.total_cents, "browser_id": None}
    with pytest.raises(BookingChanged):
        make(FARE_CHOSEN, seen.pk, version=seen.version, **said)
    assert choose(seen, "light").total_cents == 17_000


def test_fares_seats_and_payments_at_once_end_at_the_price_that_is_charged(flight: Flight) -> None:
    bookings = [a_hold(flight, f"{row}A", f"{row}B") for row in range(1, 9)]
    seats = [[f"{row}C"] for row in range(1, 9)]

    def acts(booking: Booking, other: list[str]) -> list[Any]:
        update = partial(saga.update_seats, booking_id=booking.pk, seats=other)
        pay = partial(saga.start_payment, booking_id=booking.pk, code="00000")
        fares = islice(cycle(["light", "flex"]), 4)
        return [*(partial(choose, booking, fare) for fare in fares), update, pay]

    answers = race(*(act for each in zip(bookings, seats, strict=True) for act in acts(*each)))
    assert all(isinstance(answer, Booking | BookingError) for answer in answers), answers
    for booking in bookings:
        paid = settle(booking)
        cents = SeatClaim.objects.filter(booking=paid).values_list("price_cents", flat=True)
        assert paid.total_cents == sum(map(fare_of(paid).price, cents))
    assert list(broken()) == []
