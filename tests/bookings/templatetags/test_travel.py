"""How times and prices are written, wherever a customer or the back office reads them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from bookings.models import Kind, Message
from bookings.notifications.mail import mail_of
from bookings.templatetags.travel import other_day
from flights.models import Airport, Flight
from tests.bookings.admin.flight_pages import page
from tests.bookings.admin.staff import a_supervisor
from tests.bookings.notifications.ada import a_booking_of_ada
from tests.bookings.views.maps import the_map
from tests.people import a_flight

# The line where the date changes lies between them: fourteen hours ahead, eleven behind.
LINE_ISLANDS, SAMOA = "Pacific/Kiritimati", "Pacific/Pago_Pago"


def an_island(code: str, zone: str) -> Airport:
    fields = {"name": code, "city": code, "country": "KI", "latitude": 0, "longitude": 180}
    return Airport.objects.create(code=code, time_zone=zone, **fields)


def texts_about(flight: Flight) -> dict[str, str]:
    """Every page that shows when the flight lands, and the mail, as their readers see them."""
    booking, client = a_booking_of_ada(flight, "12A"), Client()
    [(mail, _)] = mail_of(Message(kind=Kind.CONFIRMATION), booking).alternatives
    pages = {
        "results": client.get("/").content.decode(),
        "map": the_map(client, flight),
        "booking": client.get(f"/bookings/{booking.pk}/").content.decode(),
        "admin": a_supervisor().get(page(flight)).content.decode(),
        "mail": str(mail),
    }
    return {name: re.sub(r"<[^>]+>|\s+", " ", html) for name, html in pages.items()}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("start", "end", "hours", "said"),
    [
        (LINE_ISLANDS, SAMOA, 4, "−1 day"),
        (LINE_ISLANDS, SAMOA, 26, ""),
        (SAMOA, LINE_ISLANDS, 4, "+1 day"),
        (SAMOA, LINE_ISLANDS, 24, "+2 days"),
    ],
)
def test_a_landing_on_another_date_is_marked_on_every_page_and_in_the_mail(
    start: str, end: str, hours: float, said: str
) -> None:
    # Noon of UTC: two in the next morning on the Line Islands, one in the morning on Samoa.
    leaves = datetime(timezone.now().year + 1, 1, 10, 12, tzinfo=UTC)
    flight = a_flight(
        origin=an_island("AAA", start),
        destination=an_island("BBB", end),
        departure=leaves,
        arrival=leaves + timedelta(hours=hours),
    )
    for where, text in texts_about(flight).items():
        assert re.findall(r"[+−-]+\d+ days?\b", text) == [said][: bool(said)], where


@pytest.mark.parametrize(
    ("hours", "said"),
    [(-48, "−2 days"), (-24, "−1 day"), (0, ""), (24, "+1 day"), (72, "+3 days")],
)
def test_a_day_has_its_sign_and_its_plural(hours: int, said: str) -> None:
    moment = datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert other_day(moment + timedelta(hours=hours), moment) == said
