"""The e-ticket and the receipt: for whom, of which bookings, and what stands in them."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from reportlab.graphics.barcode.qr import QrCodeWidget

from bookings import saga
from bookings.models import Booking
from bookings.saga import Said
from bookings.saga.flight_cancellation import end_bookings
from flights.models import Flight
from tests.alice import ALICE, a_confirmed_booking, a_hold, a_payment
from tests.bookings.views.test_trip import ask, no_tries_yet  # noqa: F401 - a fixture
from tests.pdf import needs_poppler, pages, read, seen
from tests.people import MoodyGateway, a_flight, charged_cents, settle

pytestmark = pytest.mark.django_db(transaction=True)

each = pytest.mark.parametrize("name", ["ticket", "receipt"])
NAMES = [
    ("Ada", "Lovelace"),
    ("محمد", "العلي"),
    ("שרה", "כהן"),
    ("สมชาย", "ใจดี"),
    ("Thị Hương", "Nguyễn"),
    ("小明", "王"),
]


def fetch(client: Client, booking: Booking, name: str = "ticket") -> Any:
    return client.get(f"/bookings/{booking.pk}/{name}.pdf")


def text(client: Client, booking: Booking, name: str = "ticket") -> str:
    """What is read in it, the cells of a row beside each other."""
    answer = fetch(client, booking, name)
    assert answer.status_code == 200, answer.content.decode()
    return re.sub(" +", " ", read(answer.content, "-layout"))


def page(client: Client, booking: Booking) -> str:
    return str(client.get(f"/bookings/{booking.pk}/").content.decode())


def named(flight: Flight, *said: Said) -> Booking:
    """Alice's, of these; paid."""
    hold = a_hold(flight, *dict.fromkeys(one.seat for one in said))
    saga.name_passengers(booking_id=hold.pk, said=list(said), browser_id=ALICE)
    return settle(saga.start_payment(booking_id=hold.pk, code="00000", browser_id=ALICE))


def cancel(booking: Booking, *seats: str) -> None:
    """Give these seats back, or all that are left, for what goes back of them."""
    about: dict[str, Any] = {"booking_id": booking.pk, "browser_id": ALICE}
    quote = saga.quote_cancellation(**about, seats=seats or None)
    saga.cancel_as_quoted(**about, quote_id=quote.id)


def amounts(found: str) -> list[str]:
    """Of the lines of a receipt that say what was paid or goes back, and when."""
    return re.findall(
        r"^ *(?:Paid,|Change paid,|Given back|Refund) .* (\S+) EUR$", found, re.MULTILINE
    )


# --- What stands in them --------------------------------------------------------------------
@needs_poppler
@each
@pytest.mark.parametrize(("given", "family"), NAMES)
def test_whatever_their_letters_who_travels_is_in_it(
    client: Client, flight: Flight, name: str, given: str, family: str
) -> None:
    found = text(client, named(flight, Said("12A", given, family)), name)
    line = next(line for line in found.splitlines() if " 12A " in line)
    assert f"{given} {family}" in line
    assert "Adult" in line
    assert ("Chinese, Japanese and Korean letters" in found) == (family == "王")


@needs_poppler
def test_children_and_infants_are_told_with_whom_they_sit(client: Client, flight: Flight) -> None:
    today = date.today()
    ada = Said("12A", "Ada", "King")
    byron = Said("12B", "Byron", "King", "child", today - timedelta(days=2000))
    ralph = Said("12A", "Ralph", "King", "infant", today - timedelta(days=300))
    booking = named(flight, ada, byron, ralph)
    found = text(client, booking)
    assert "Byron King Child 12B Economy, middle" in found
    assert "Ada King Adult 12A Economy, window\n" in found
    assert "Ralph King Infant 12A On the lap of Ada King" in found


@needs_poppler
def test_where_nobody_is_named_it_tells_whose_booking_it_is(client: Client, flight: Flight) -> None:
    assert "Grace Hopper 12A Economy" in text(
        client, settle(a_payment(flight, name="Grace Hopper"))
    )
    assert "Not named 13A Economy" in text(client, a_confirmed_booking(flight, "13A"))


@needs_poppler
@each
def test_times_are_those_of_each_airport_with_its_zone(
    client: Client, flight: Flight, name: str
) -> None:
    # The night in which the clocks of Paris are set back.
    flight = a_flight("AF77", departure=datetime(2030, 10, 26, 21, 30, tzinfo=UTC),
                      arrival=datetime(2030, 10, 27, 5, 35, tzinfo=UTC))  # fmt: skip
    found = text(client, a_confirmed_booking(flight), name)
    assert "AF77 · Test 320" in found
    assert re.search(r"Paris \(CDG\).*New York \(JFK\)\n+.*23:30 .*01:35", found, re.DOTALL)
    assert "Sat 26 Oct 2030, CEST" in found
    assert "Sun 27 Oct 2030, EDT (+1 day)" in found
    assert "8 h 05 min" in found
    assert "Charles de Gaulle" in found


@needs_poppler
def test_a_ticket_is_read_from_top_to_bottom(client: Client, flight: Flight) -> None:
    booking = a_confirmed_booking(flight, "12A", "12B")
    words = ["Petrel", "E-ticket", "Booking code", str(booking.record_locator), "AF1234", "Paris",
             "New York", "12A", "12B", "Standard", "400.00 EUR", "70 % back (€280)",
             "A change costs"]  # fmt: skip
    found = read(fetch(client, booking).content, "-raw")
    places = [found.index(word) for word in words]
    assert places == sorted(places)


@needs_poppler
def test_a_receipt_says_what_was_paid_when_by_which_reference(
    client: Client, flight: Flight
) -> None:
    booking = a_confirmed_booking(flight, "12A")
    paid = booking.events.get(name="confirmed")
    found = text(client, booking, "receipt")
    assert "Standard fare" in found
    assert paid.detail
    assert f"Paid, reference {paid.detail}" in found
    assert f"{paid.at:%H:%M} UTC 200.00 EUR" in found
    assert "\nPaid 200.00 EUR" in found
    assert "ack" not in found


@needs_poppler
def test_a_receipt_tells_of_a_payment_that_was_settled_without_an_answer(
    client: Client, flight: Flight, gateway: type[MoodyGateway]
) -> None:
    gateway.fates = ["declined", "declined", "silent"]
    assert "Paid, reference SIM-" in text(client, settle(a_payment(flight)), "receipt")


@needs_poppler
def test_a_cancelled_bookings_receipt_tells_what_goes_back(
    client: Client, flight: Flight, gateway: type[MoodyGateway]
) -> None:
    booking = a_confirmed_booking(flight)
    saga.cancel_and_refund(booking_id=booking.pk, by="operator:olga")
    found = text(client, booking, "receipt")
    assert "This booking is cancelled." in found
    assert "Refund on its way back −200.00 EUR" in found
    settle(booking)
    found = text(client, booking, "receipt")
    back = booking.refunds.get().done_at
    assert back
    assert re.search(rf"Given back .*{back:%H:%M} UTC −200.00 EUR", found)
    assert "Stays paid 0.00 EUR" in found
    assert "Of it" not in found
    assert "12A" in found


@needs_poppler
def test_a_receipt_lists_each_refund_and_adds_up(
    client: Client, flight: Flight, gateway: type[MoodyGateway]
) -> None:
    booking = a_confirmed_booking(flight, "12A", "12B", "12C")
    cancel(booking, "12B")
    settle(booking)
    gateway.refunds = False
    saga.give_refund(booking_id=booking.pk, amount_cents=1_950, by="operator:olga")
    cancel(booking, "12C")
    found = text(client, booking, "receipt")
    assert amounts(found) == ["600.00", "−140.00", "−19.50", "−140.00"]
    assert found.count("Given back") == 1
    assert found.count("Refund on its way back") == 2
    assert "Stays paid 300.50 EUR" in found
    assert "Of it 100.50 EUR is kept by the conditions of the fare." in found
    cancel(booking)
    found = text(client, booking, "receipt")
    assert "This booking is cancelled." in found
    assert amounts(found) == ["600.00", "−140.00", "−19.50", "−140.00", "−140.00"]
    assert "Stays paid 160.50 EUR" in found
    gateway.refunds = True
    assert charged_cents(settle(booking)) == 16_050
    assert "on its way back" not in text(client, booking, "receipt")


@needs_poppler
def test_a_receipt_lists_what_was_paid_for_each_change(client: Client, flight: Flight) -> None:
    booking = a_confirmed_booking(flight, "20A")
    paid, held = [20_000], 0
    for seat in ("1A", "1B"):
        about: dict[str, Any] = {"booking_id": booking.pk, "browser_id": ALICE}
        change = saga.start_change(**about, seats=[seat])
        settle(saga.pay_change(**about, change_id=change.pk, code="00000").booking)
        paid.append(change.booking.total_cents)
        held += charged_cents(change.booking)
    # One that was begun and not paid for is none.
    saga.start_change(booking_id=booking.pk, browser_id=ALICE, seats=["1C"])
    found = text(client, booking, "receipt")
    assert amounts(found) == [f"{cents / 100:.2f}" for cents in paid]
    assert found.count("Change paid, reference SIM-") == 2
    assert f"Stays paid {(held + charged_cents(booking)) / 100:.2f} EUR" in found


@needs_poppler
def test_a_receipt_says_what_was_paid_also_where_nothing_goes_back(
    client: Client, flight: Flight
) -> None:
    hold = saga.hold_seats(flight_id=flight.pk, seats=["12A"], fare="light", browser_id=ALICE)
    settle(saga.start_payment(booking_id=hold.pk, code="00000", browser_id=ALICE))
    cancel(hold)
    found = text(client, hold, "receipt")
    assert amounts(found) == ["170.00"]
    assert "\nPaid 170.00 EUR" in found
    assert "Of it 170.00 EUR is kept by the conditions of the fare." in found


@needs_poppler
def test_money_has_the_decimals_of_its_currency(client: Client, flight: Flight) -> None:
    booking = a_confirmed_booking(a_flight("AF78", currency="JPY"))
    assert "20,000 JPY" in text(client, booking)
    assert "20,000 JPY" in text(client, booking, "receipt")


@needs_poppler
def test_long_names_and_large_parties_stay_on_the_paper(client: Client, flight: Flight) -> None:
    given, family = "W" * 30, "Donaudampfschiff " * 2
    longest = [Said(f"{row}A", given, family) for row in range(2, 11)]
    booking = named(flight, *longest)
    pdf = fetch(client, booking).content
    assert pages(pdf) in (1, 2)
    rows = seen(pdf, 72)
    margin = 55
    assert all(set(row[:margin] + row[-margin:]) == {255} for row in rows[:780])
    assert read(pdf).count("Donaudampfschiff") == 18


@needs_poppler
def test_the_square_is_the_booking_code(client: Client, flight: Flight) -> None:
    booking = a_confirmed_booking(flight)
    code = QrCodeWidget(str(booking.record_locator), barLevel="M").qr
    code.make()
    # Nothing else is black.
    rows = seen(fetch(client, booking).content, 288)
    dark = [row for row in rows if 0 in row]
    left, right = min(row.index(0) for row in dark), max(row.rindex(0) for row in dark) + 1
    side = (right - left) / len(code.modules)
    assert abs(len(dark) - (right - left)) < 3
    found = [
        [dark[int((y + 0.5) * side)][int(left + (x + 0.5) * side)] < 99 for x in range(len(line))]
        for y, line in enumerate(code.modules)
    ]
    assert found == code.modules


# --- For whom, and of which -----------------------------------------------------------------
@each
def test_it_is_shown_kept_by_nobody_and_named_by_the_code(
    client: Client, flight: Flight, name: str
) -> None:
    booking = named(flight, Said("12A", "Ada", "Lovelace"))
    answer = fetch(client, booking, name)
    assert answer.content.startswith(b"%PDF-")
    assert answer["Content-Type"] == "application/pdf"
    assert (
        answer["Content-Disposition"] == f'inline; filename="{name}-{booking.record_locator}.pdf"'
    )
    assert answer["Cache-Control"] == "private, no-store"
    assert f"/bookings/{booking.pk}/{name}.pdf" in page(client, booking)
    assert client.head(f"/bookings/{booking.pk}/{name}.pdf").status_code == 200
    assert client.post(f"/bookings/{booking.pk}/{name}.pdf").status_code == 405


@each
def test_whoever_has_only_the_address_gets_none(flight: Flight, name: str) -> None:
    booking = named(flight, Said("12A", "Ada", "Lovelace"))
    stranger = Client()
    answer = fetch(stranger, booking, name)
    assert answer.status_code == 403
    html = answer.content.decode()
    assert "where it is found by its code and a name" in html
    assert "Lovelace" not in html
    assert f"{name}.pdf" not in page(stranger, booking)
    ask(stranger, booking.record_locator, "Lovelace")
    assert fetch(stranger, booking, name).status_code == 200
    assert f"{name}.pdf" in page(stranger, booking)


@each
@pytest.mark.parametrize(
    "make",
    [a_hold, a_payment, lambda flight: settle(a_payment(flight, code="11111"))],
    ids=["held", "paying", "failed"],
)
def test_what_is_not_paid_has_none(
    client: Client, flight: Flight, name: str, make: Callable[[Flight], Booking]
) -> None:
    booking = make(flight)
    answer = fetch(client, booking, name)
    assert answer.status_code == 409
    assert "once it is paid" in answer.content.decode()
    assert f"{name}.pdf" not in page(client, booking)


@each
def test_an_unknown_booking_has_none(client: Client, name: str) -> None:
    answer = client.get(f"/bookings/{uuid4()}/{name}.pdf")
    assert answer.status_code == 404
    assert "There is no such booking." in answer.content.decode()


def test_a_cancelled_booking_has_no_ticket_any_more(client: Client, flight: Flight) -> None:
    booking = a_confirmed_booking(flight)
    saga.cancel_and_refund(booking_id=booking.pk, by="operator:olga")
    answer = fetch(client, booking)
    assert answer.status_code == 409
    assert "there is no ticket any more" in answer.content.decode()
    html = page(client, booking)
    assert "ticket.pdf" not in html
    assert "receipt.pdf" in html


def test_a_cancelled_flight_has_no_tickets_also_before_its_bookings_are_ended(
    client: Client, flight: Flight
) -> None:
    booking = a_confirmed_booking(flight)
    saga.cancel_flight(flight_id=flight.pk, by="operator:olga")
    for _ in range(2):
        assert fetch(client, booking).status_code == 409
        assert fetch(client, booking, "receipt").status_code == 200
        assert "ticket.pdf" not in page(client, booking)
        end_bookings(flight.pk)


def test_they_take_one_query_and_three(
    client: Client, flight: Flight, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    booking = named(flight, Said("12A", "Ada"), Said("12B", "Byron"))
    page(client, booking)
    for name, queries in (("ticket", 1), ("receipt", 3)):
        with django_assert_num_queries(queries):
            assert fetch(client, booking, name).status_code == 200
