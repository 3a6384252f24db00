"""Who travels, as staff see it, find it, correct it and erase it."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.db.models import F
from django.test import Client

from bookings import saga
from bookings.admin.flights.occupancy import occupants
from bookings.admin.reports.tables import manifest
from bookings.models import Booking, State
from bookings.saga import Said
from flights.models import Flight
from tests.bookings.admin.staff import WHY, act, an_onlooker, page
from tests.bookings.saga.test_correcting_names import BABY, leave, paid
from tests.bookings.saga.test_passengers import ADA, BYRON, name, names
from tests.people import a_confirmed_booking, a_hold, a_payment, settle

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)

GRACE = {"p0-given": "Grace", "p0-family": "Hopper", "p0-type": "adult", "reason": WHY}


def correct(client: Client, booking: Booking, **fields: str) -> str:
    said = {"version": str(booking.version), **fields}
    answer = client.post(f"/admin/bookings/booking/{booking.pk}/passengers/", said, follow=True)
    return str(answer.content.decode())


# --- Seen -------------------------------------------------------------------------------------
def test_the_manifest_has_everybody_where_they_sit(flight: Flight) -> None:
    booking = paid(flight, ADA, BYRON, BABY)
    a_confirmed_booking(flight, "14A")
    rows = [tuple(row[:4]) for row in manifest(flight).rows]
    assert rows == [
        ("12A", "economy", "Ada Lovelace", "adult"),
        ("12A", "economy", "Ralph King", "infant"),
        ("12B", "economy", "Byron King", "child"),
        ("14A", "economy", "", ""),
    ]
    saga.reseat(booking_id=booking.pk, seats=["2A", "2B"], by="operator:olga")
    assert [row[2] for row in manifest(flight).rows][:3] == [row[2] for row in rows[:3]]


def test_the_seat_map_says_who_sits_there(flight: Flight) -> None:
    paid(flight, ADA, BYRON, BABY)
    told = occupants(flight, named=True)
    assert "Ada Lovelace with Ralph King, " in told["12A"][1]
    assert "Byron King (child), " in told["12B"][1]
    assert "King" not in str(occupants(flight, named=False))


@pytest.mark.parametrize("typed", ["byron", "ralph king", "lovelace", "Kíng"])
def test_everybody_is_found_by_name(olga: Client, flight: Flight, typed: str) -> None:
    booking = paid(flight, ADA, BYRON, BABY)
    paid(flight, Said("14A", "Eve", "Moneypenny"))
    answer = olga.get("/admin/bookings/booking/", {"q": typed})
    assert [each.pk for each in answer.context["cl"].result_list] == [booking.pk]


def test_the_bookings_page_shows_them(olga: Client, flight: Flight) -> None:
    booking = paid(flight, ADA, BYRON, BABY)
    name(booking, ADA, BYRON, Said("12A", "Rolf", "King", "infant", BABY.born))
    html = olga.get(page(booking)).content.decode()
    for told in ("Rolf King", "Ralph King", "Byron King", f"{BABY.born}", "Child"):
        assert told in html


# --- Corrected --------------------------------------------------------------------------------
def test_staff_correct_who_travels(olga: Client, flight: Flight) -> None:
    booking = paid(flight, ADA)
    assert f"{booking.pk}/passengers/" in olga.get(page(booking)).content.decode()
    said = correct(olga, booking, **GRACE, email="g@example.org")
    assert "Correct who travels: done for" in said
    assert (names(booking), booking.email) == (["Grace Hopper"], "g@example.org")
    told = LogEntry.objects.get().get_change_message()
    assert WHY in told
    assert "Hopper" not in told
    event = booking.events.get(name="passengers_corrected")
    assert (event.by, event.detail) == ("operator:olga", WHY)


def test_what_is_wrong_is_said_beside_its_field(olga: Client, flight: Flight) -> None:
    booking = paid(flight, ADA)
    child = {**GRACE, "p0-type": "child", "p0-born": "2020-01-01"}
    assert "At least one adult must travel" in correct(olga, booking, **child)
    assert "the date like" in correct(olga, booking, **{**GRACE, "p0-infant_born": "x"})
    assert "Please give a name" in correct(
        olga, booking, **{**GRACE, "p0-infant_born": "2026-09-01"}
    )
    assert "This field is required" in correct(olga, booking, **{**GRACE, "reason": ""})
    assert "no e-mail address" in correct(olga, booking, **GRACE, email="nonsense")
    assert names(booking) == ["Ada Lovelace"]


def test_of_two_operators_the_second_is_told(olga: Client, flight: Flight) -> None:
    booking = paid(flight, ADA)
    booking.version -= 1
    assert "changed while you were deciding" in correct(olga, booking, **GRACE)
    assert names(booking) == ["Ada Lovelace"]


def test_nobody_travels_on_what_is_over(olga: Client, flight: Flight) -> None:
    failed = settle(a_payment(flight, "13A", code="11111"))
    gone = paid(flight, ADA)
    leave(flight)
    for booking in (failed, gone):
        assert "/passengers/" not in olga.get(page(booking)).content.decode()
        assert "nobody travels on it" in correct(olga, booking, **GRACE)


def test_who_may_only_look_corrects_nothing(flight: Flight) -> None:
    booking = paid(flight, ADA)
    onlooker = an_onlooker()
    address = f"/admin/bookings/booking/{booking.pk}/passengers/"
    assert "/passengers/" not in onlooker.get(page(booking)).content.decode()
    assert onlooker.get(address).status_code == 403
    assert onlooker.post(address, GRACE).status_code == 403


# --- Erased -----------------------------------------------------------------------------------
def test_staff_erase_who_travelled_once_it_is_over(olga: Client, flight: Flight) -> None:
    booking = paid(flight, ADA, BYRON)
    act(olga, "forget_passengers", booking)
    assert names(booking) == ["Ada Lovelace", "Byron King"]
    leave(flight)
    booking.refresh_from_db()
    act(olga, "forget_passengers", booking)
    booking.refresh_from_db()
    assert (booking.passengers, booking.name, booking.email) == ((), "", "")
    html = olga.get(page(booking)).content.decode()
    assert "Lovelace" not in html
    assert "Nobody is named." in html


def test_the_command_forgets_what_is_long_ago_and_nothing_else(
    flight: Flight, capsys: pytest.CaptureFixture[str]
) -> None:
    travelled, held = paid(flight, ADA), name(a_hold(flight, "15A"), Said("15A", "Eve"))
    failed = name(a_hold(flight, "16A"), Said("16A", "Mallory"))
    settle(saga.start_payment(booking_id=failed.pk, code="11111"))

    def forget(days: int) -> list[str | None]:
        call_command("forget_passengers", "--older-than", str(days))
        return [(names(each) or [None])[0] for each in (travelled, held, failed)]

    assert forget(30) == ["Ada Lovelace", "Eve", "Mallory"]
    Booking.objects.update(created_at=F("created_at") - 31 * DAY)
    assert forget(30) == ["Ada Lovelace", "Eve", None]
    leave(flight)
    assert forget(30) == ["Ada Lovelace", "Eve", None]
    Flight.objects.update(departure=F("departure") - 31 * DAY)
    assert forget(30) == [None, "Eve", None]
    assert Booking.objects.get(pk=travelled.pk).state == State.CONFIRMED
    told = capsys.readouterr().out.split("\n")
    assert told[:4] == ["0 forgotten.", "1 forgotten.", "0 forgotten.", "1 forgotten."]
    event = travelled.events.get(name="passengers_forgotten")
    assert event.by.startswith("terminal")
