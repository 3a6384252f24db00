"""A flight in yen, one in dinars: wherever money is shown it has its currency's decimals."""

import re

import pytest
from django.core.management import call_command
from django.test import Client

from bookings import saga
from bookings.admin.reports.csv import as_csv
from bookings.admin.reports.tables import day_report
from bookings.errors import InvalidSeats
from bookings.invariants import broken
from bookings.models import Booking, Kind, LedgerEntry, Message
from bookings.notifications.mail import mail_of
from flights.models import Flight
from flights.schedule.copy import schedule_rows
from tests.bookings.admin import flight_pages
from tests.bookings.admin.staff import edit, page
from tests.bookings.notifications.ada import a_booking_of_ada
from tests.bookings.views.maps import the_map
from tests.people import a_confirmed_booking, a_flight, a_hold, charged_cents

pytestmark = pytest.mark.django_db(transaction=True)


def words(html: str) -> str:
    return re.sub(r"<[^>]+>|\s+", " ", html)


def everywhere(
    flight: Flight, booking: Booking, olga: Client, capsys: pytest.CaptureFixture[str]
) -> dict[str, str]:
    """Each page, mail, file and command that tells what the booking costs."""
    client = Client()
    mail = mail_of(Message(kind=Kind.CONFIRMATION), booking)
    call_command("show_booking", str(booking.record_locator))
    entry = LedgerEntry.objects.get()
    return {
        "results": client.get("/").content.decode(),
        "map": the_map(client, flight),
        "booking": client.get(f"/bookings/{booking.pk}/").content.decode(),
        "mail": str(mail.body),
        "mail as HTML": str(mail.alternatives[0][0]),
        "list of flights": olga.get("/admin/flights/flight/").content.decode(),
        "list of bookings": olga.get("/admin/bookings/booking/").content.decode(),
        "booking in the admin": olga.get(page(booking)).content.decode(),
        "ledger": olga.get(f"/admin/bookings/ledgerentry/{entry.pk}/change/").content.decode(),
        "day report": b"".join(as_csv(day_report(flight.departure_date))).decode(),
        "schedule": " ".join(map(",".join, schedule_rows(Flight.objects.all()))),
        "command": capsys.readouterr().out,
    }


@pytest.mark.parametrize(
    ("currency", "price", "staff", "written"),
    [
        ("JPY", "¥12,345", "12,345 JPY", "12345,JPY"),
        ("BHD", "BHD 12", "12.000 BHD", "12.345,BHD"),
        ("CHF", "CHF 123", "123.00 CHF", "123.45,CHF"),
    ],
)
def test_money_has_its_currencys_decimals_wherever_it_is_shown(
    olga: Client,
    capsys: pytest.CaptureFixture[str],
    currency: str,
    price: str,
    staff: str,
    written: str,
) -> None:
    flight = a_flight(base_fare_cents=12_345, currency=currency)
    texts = everywhere(flight, a_booking_of_ada(flight, "12A"), olga, capsys)
    fare = str(flight.base_fare)
    for name, text in texts.items():
        expected = {"list of flights": fare, "schedule": written}.get(name)
        shown = words(text).replace("\u00a0", " ")
        assert (expected or (staff if staff in shown else price)) in shown, name
        assert not re.search(r"12,?345\.00|1,234,500|123\.45 (JPY|BHD)", shown), name


def test_staff_write_a_fare_as_one_does(olga: Client) -> None:
    flight = a_flight(base_fare_cents=12_345, currency="JPY")
    address = flight_pages.page(flight)
    html = olga.get(address).content.decode()
    assert 'value="12345"' in html
    assert "cents" not in words(html)
    refused = edit(olga, address, base_fare="129.50", currency="JPY")
    assert "JPY has no decimals." in refused.content.decode()
    assert edit(olga, address, base_fare="12.345", currency="KWD").status_code == 302
    flight.refresh_from_db()
    assert (flight.base_fare_cents, flight.currency) == (12_345, "KWD")
    assert "edited: base fare 12.345 KWD" in words(olga.get(address).content.decode())
    # What is the same in other words is no change.
    edit(olga, address, base_fare="12.345", currency="KWD")
    assert flight.events.count() == 1


def test_who_may_only_look_is_shown_the_fare(flight: Flight) -> None:
    vera = flight_pages.somebody("view_flight")
    assert "200.00 EUR" in vera.get(flight_pages.page(flight)).content.decode()


def test_a_history_keeps_the_currency_that_a_fare_was_in(olga: Client, flight: Flight) -> None:
    for fare, currency in (("129.5", "EUR"), ("150", "JPY")):
        edit(olga, flight_pages.page(flight), base_fare=fare, currency=currency)
    text = words(olga.get(flight_pages.page(flight)).content.decode())
    assert "base fare 129.50 EUR" in text
    assert "base fare 150 JPY" in text


def test_a_hold_never_mixes_two_currencies(flight: Flight) -> None:
    alice = a_hold(flight, "12A", "12B")
    flight.currency, flight.base_fare_cents = "JPY", 25_000
    flight.save()
    with pytest.raises(InvalidSeats, match="sold in JPY now"):
        saga.update_seats(booking_id=alice.pk, seats=["12A", "12C"])
    fewer = saga.update_seats(booking_id=alice.pk, seats=["12A"])
    assert (fewer.total_cents, fewer.currency) == (20_000, "EUR")


def test_seats_that_cost_more_than_a_booking_can_are_refused(flight: Flight) -> None:
    dear = a_flight("AF2", base_fare_cents=2**31 - 100, currency="JPY")
    with pytest.raises(InvalidSeats, match="cost more"):
        a_hold(dear, "12A", "12B")
    assert charged_cents(a_confirmed_booking(dear, "12A")) == 2**31 - 100


def test_what_is_wrong_with_money_is_told_in_its_currency() -> None:
    booking = a_confirmed_booking(a_flight(base_fare_cents=12_345, currency="JPY"), "12A")
    LedgerEntry.objects.update(amount_cents=12_344)
    Booking.objects.filter(pk=booking.pk).update(total_cents=12_346)
    told = " ".join(str(finding) for finding in broken())
    assert "CONFIRMED for 12346 JPY but was charged 12344 JPY" in told
    assert "costs 12346 JPY but its seats cost 12345 JPY" in told
