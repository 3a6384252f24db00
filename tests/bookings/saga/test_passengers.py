"""Who sits in which seat: named while the seats are held, carried along wherever they go."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DataError, IntegrityError, connection
from django.utils import timezone

from bookings import saga
from bookings.errors import (
    BookingChanged,
    BookingError,
    HoldExpired,
    InvalidContact,
    InvalidPassengers,
    InvalidSeats,
    NotPossible,
    NotYours,
    PassengersMissing,
    PaymentInProgress,
)
from bookings.invariants import broken
from bookings.models import Booking, Passenger, PassengerType, State
from bookings.models.contact import contact_words
from bookings.saga import Said
from flights.models import Flight
from tests.people import (
    a_flight,
    a_hold,
    a_payment,
    every_kind_of_seat,
    run_out,
    settle,
)

pytestmark = pytest.mark.django_db(transaction=True)

ADA = Said("12A", "Ada", "Lovelace")
TODAY = timezone.now().date()
SMALL = TODAY - timedelta(days=200)
SCHOOL = TODAY - timedelta(days=7 * 366)
BYRON = Said("12B", "Byron", "King", "child", SCHOOL)


def name(booking: Booking, *said: Said, **more: Any) -> Booking:
    return saga.name_passengers(booking_id=booking.pk, said=said, **more)


def names(booking: Booking) -> list[str | None]:
    booking.refresh_from_db()
    return [one and one.name for one in booking.passengers]


def problems(booking: Booking, *said: Said) -> list[tuple[int | None, str]]:
    """Whose and which fields are refused; nothing is written then."""
    before = Booking.objects.values().get(pk=booking.pk)
    with pytest.raises(InvalidPassengers) as refused:
        name(booking, *said)
    assert Booking.objects.values().get(pk=booking.pk) == before
    assert refused.value.message
    return [(problem.place, problem.field) for problem in refused.value.problems]


@pytest.fixture
def exits(transactional_db: None) -> Flight:
    """Its row 12 is at an exit, 13 and 14 are not."""
    return a_flight("AF7", layout=every_kind_of_seat())


# --- Naming -------------------------------------------------------------------------------
def test_a_family_is_named_in_one_go(flight: Flight) -> None:
    hold = a_hold(flight, "12A", "12B")
    baby = Said("12A", "Ralph", "King", "infant", SMALL)
    named = name(hold, BYRON, ADA, baby, email="ada@example.org")
    assert named.passengers == (
        Passenger(
            "Ada", "Lovelace", infant=Passenger("Ralph", "King", PassengerType.INFANT, SMALL)
        ),
        Passenger("Byron", "King", PassengerType.CHILD, SCHOOL),
    )
    assert (named.name, named.email) == ("Ada Lovelace", "ada@example.org")
    assert Booking.objects.get(pk=hold.pk).passengers == named.passengers
    everybody = ["Ada Lovelace", "Ralph King", "Byron King"]
    found = str(Booking.objects.values_list("contact_words", flat=True).get(pk=hold.pk))
    for word in contact_words(everybody, "ada@example.org"):
        assert f"'{word}'" in found


def test_the_history_tells_that_they_were_named_and_nothing_of_a_person(flight: Flight) -> None:
    hold = a_hold(flight, "12A")
    name(hold, ADA, email="ada@example.org")
    event = hold.events.get(name="passengers_named")
    assert (event.by, event.changes, event.detail) == ("customer", {}, "")
    assert list(broken()) == []


def test_again_replaces_what_was_said_and_keeps_the_address(flight: Flight) -> None:
    hold = a_hold(flight, "12A")
    name(hold, ADA, email="ada@example.org")
    again = name(hold, Said("12A", "Grace"))
    assert (names(again), again.name, again.email) == (["Grace"], "Grace", "ada@example.org")
    assert name(hold, ADA, email="").email == ""


@pytest.mark.parametrize(
    ("given", "family"), [("Sukarno", ""), ("", "Mononymous"), ("山田", "太郎")]
)
def test_one_name_is_enough(flight: Flight, given: str, family: str) -> None:
    assert names(name(a_hold(flight), Said("12A", given, family))) == [f"{given} {family}".strip()]


def test_names_are_kept_in_their_one_spelling(flight: Flight) -> None:
    named = name(a_hold(flight), Said("12A", " Jose\u0301 ", "de\u3000la  Cruz\u200e"))
    assert named.passengers == (Passenger("Jos\u00e9", "de la Cruz"),)


TODDLER = TODAY - timedelta(days=800)
WRONG = {
    "nobody at all": ([], [(None, "seat"), (None, "seat"), (None, "type")]),
    "a seat of nobody": ([ADA], [(None, "seat")]),
    "an unknown seat": ([ADA, BYRON, Said("99Z", "Eve")], [(2, "seat")]),
    "two in one seat": ([ADA, ADA, BYRON], [(0, "seat"), (1, "seat")]),
    "no name": ([Said("12A", " ", "\u200e"), BYRON], [(0, "name")]),
    "a name of 300 letters": ([Said("12A", "A" * 300), BYRON], [(0, "name")]),
    "an address": ([Said("12A", "www.evil", ".example"), BYRON], [(0, "name")]),
    "another type": ([ADA, Said("12B", "Eve", type="senior")], [(1, "type")]),
    "no birth": ([ADA, Said("12B", "Eve", type="child")], [(1, "born")]),
    "a birth to come": (
        [ADA, Said("12B", "Eve", type="child", born=TODAY + timedelta(days=2))],
        [(1, "born")],
    ),
    "a child that is grown": (
        [ADA, Said("12B", "Eve", type="child", born=date(1990, 1, 1))],
        [(1, "born")],
    ),
    "an infant that walks": (
        [ADA, BYRON, Said("12A", "Eve", type="infant", born=TODDLER)],
        [(2, "born")],
    ),
    "an adult's birth": ([Said("12A", "Ada", born=date(1990, 1, 1)), BYRON], [(0, "born")]),
    "an infant on a child": (
        [ADA, BYRON, Said("12B", "Eve", type="infant", born=SMALL)],
        [(2, "seat")],
    ),
    "two infants on one lap": (
        [ADA, BYRON, *[Said("12A", "Eve", type="infant", born=SMALL)] * 2],
        [(2, "seat"), (3, "seat")],
    ),
    "children alone": (
        [Said("12A", "Eve", type="child", born=SCHOOL), BYRON],
        [(None, "type")],
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_of_whom_and_nothing_is_written(flight: Flight, case: str) -> None:
    said, expected = WRONG[case]
    assert problems(a_hold(flight, "12A", "12B"), *said) == expected


def test_a_birthday_on_the_day_of_departure_counts(flight: Flight) -> None:
    leaves = flight.departure_date
    second = leaves.replace(year=leaves.year - 2, day=min(leaves.day, 28))
    hold = a_hold(flight)
    assert problems(hold, ADA, Said("12A", "Eve", type="infant", born=second)) == [(1, "born")]
    name(hold, ADA, Said("12A", "Eve", type="infant", born=second + timedelta(days=4)))


def test_no_child_and_no_lap_at_an_emergency_exit(exits: Flight) -> None:
    hold = a_hold(exits, "12A", "13B")
    eve = Said("12A", "Eve", type="child", born=SCHOOL)
    assert problems(hold, Said("13B", "Ada"), eve) == [(1, "seat")]
    lap = Said("12A", "Ralph", type="infant", born=SMALL)
    assert problems(hold, ADA, Said("13B", "Grace"), lap) == [(2, "seat")]
    name(hold, ADA, Said("13B", "Eve", type="child", born=SCHOOL))


def test_a_wrong_address_is_refused_as_when_paying(flight: Flight) -> None:
    with pytest.raises(InvalidContact, match="no e-mail address"):
        name(a_hold(flight), ADA, email="nonsense")


def test_only_the_browser_that_made_it_names_them(flight: Flight) -> None:
    alice = uuid4()
    hold = a_hold(flight, browser_id=alice)
    for stranger in (None, uuid4()):
        with pytest.raises(NotYours):
            name(hold, Said("99Z"), browser_id=stranger)
    assert names(name(hold, ADA, browser_id=alice)) == ["Ada Lovelace"]


def test_of_two_tabs_the_second_is_told(flight: Flight) -> None:
    hold = a_hold(flight)
    name(hold, ADA, version=1)
    with pytest.raises(BookingChanged):
        name(hold, Said("12A", "Eve"), version=1)
    assert names(hold) == ["Ada Lovelace"]


def test_only_a_running_hold_is_named(flight: Flight) -> None:
    overdue = a_hold(flight)
    run_out(overdue)
    given_back = a_hold(flight, "13A")
    saga.update_seats(booking_id=given_back.pk, seats=[])
    cases: list[tuple[Booking, type[BookingError]]] = [
        (overdue, HoldExpired),
        (a_payment(flight, "14A"), PaymentInProgress),
        (given_back, NotPossible),
    ]
    for booking, refusal in cases:
        with pytest.raises(refusal):
            name(booking, ADA)
    overdue.refresh_from_db()
    assert overdue.state == State.EXPIRED


# --- Paying -------------------------------------------------------------------------------
def test_one_pays_without_a_name_or_with_all(flight: Flight) -> None:
    nobody = saga.start_payment(booking_id=a_hold(flight).pk, code="00000")
    assert (nobody.name, nobody.passengers) == ("", ())
    named = name(a_hold(flight, "13A"), Said("13A", "Ada", "Lovelace"), email="ada@example.org")
    paid = settle(saga.start_payment(booking_id=named.pk, code="00000"))
    assert (paid.name, paid.email) == ("Ada Lovelace", "ada@example.org")
    assert names(paid) == ["Ada Lovelace"]


def test_who_is_named_with_the_payment_is_found_beside_the_passengers(flight: Flight) -> None:
    hold = name(a_hold(flight), ADA)
    saga.start_payment(booking_id=hold.pk, code="00000", name="Grace Hopper", email="g@example.org")
    assert Booking.objects.get(pk=hold.pk).name == "Grace Hopper"
    found = str(Booking.objects.values_list("contact_words", flat=True).get(pk=hold.pk))
    assert "'lovelace'" in found
    assert "'hopper'" in found


def test_a_seat_without_its_passenger_is_not_paid(flight: Flight) -> None:
    hold = name(a_hold(flight), ADA)
    saga.update_seats(booking_id=hold.pk, seats=["12A", "12B"])
    with pytest.raises(PassengersMissing):
        saga.start_payment(booking_id=hold.pk, code="00000")
    name(hold, ADA, BYRON)
    saga.start_payment(booking_id=hold.pk, code="00000")


def test_a_child_whose_adult_was_left_behind_is_not_paid(flight: Flight) -> None:
    hold = name(a_hold(flight, "12A", "12B"), ADA, BYRON)
    saga.update_seats(booking_id=hold.pk, seats=["12B"])
    with pytest.raises(PassengersMissing):
        saga.start_payment(booking_id=hold.pk, code="00000")


# --- Other seats --------------------------------------------------------------------------
def test_whose_seat_is_kept_keeps_it_and_the_others_move_along(flight: Flight) -> None:
    hold = name(a_hold(flight, "12A", "12B"), ADA, BYRON)
    saga.update_seats(booking_id=hold.pk, seats=["11C", "12B"])
    assert names(hold) == ["Ada Lovelace", "Byron King"]
    saga.update_seats(booking_id=hold.pk, seats=["2A", "2B", "30F"])
    assert names(hold) == ["Ada Lovelace", "Byron King", None]
    saga.update_seats(booking_id=hold.pk, seats=[])
    assert names(hold) == []


def test_a_child_never_moves_to_an_exit(exits: Flight) -> None:
    eve = Said("13B", "Eve", type="child", born=SCHOOL)
    hold = name(a_hold(exits, "13A", "13B"), Said("13A", "Ada"), eve)
    saga.update_seats(booking_id=hold.pk, seats=["12A", "14B"])
    assert names(hold) == ["Ada", "Eve"]
    with pytest.raises(InvalidSeats, match="emergency exit"):
        saga.update_seats(booking_id=hold.pk, seats=["12A", "12B"])
    with pytest.raises(InvalidSeats, match="emergency exit"):
        saga.reseat(booking_id=hold.pk, seats=["12A", "12B"], by="operator:olga")
    assert (names(hold), hold.seats) == (["Ada", "Eve"], ["12A", "14B"])


def test_staff_who_move_a_party_move_its_passengers(flight: Flight) -> None:
    hold = name(a_hold(flight, "12A", "12B"), ADA, BYRON)
    saga.reseat(booking_id=hold.pk, seats=["12B", "20F"], by="operator:olga")
    assert names(hold) == ["Byron King", "Ada Lovelace"]
    assert list(broken()) == []


# --- The database -------------------------------------------------------------------------
def test_postgres_refuses_more_or_fewer_than_the_seats(flight: Flight) -> None:
    hold = name(a_hold(flight), ADA)
    for wrong in ("[null, null]", "{}"):
        with pytest.raises((IntegrityError, DataError)), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE bookings_booking SET passengers = %s::jsonb WHERE id = %s",
                [wrong, hold.pk],
            )
