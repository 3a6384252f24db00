"""The map of a flight, and clicks on it."""

import re
from typing import Any

from django.test import Client

from bookings.models import Booking
from flights.models import Flight

HTMX = {"HX-Request": "true"}


def click(client: Client, flight: Flight, seat: str, wanted: str = "true", **headers: Any) -> Any:
    """What the page sends when a seat is ticked, or unticked."""
    data = {"seat": seat, "wanted": wanted}
    return client.post(f"/flights/{flight.pk}/seat/", data, headers={**HTMX, **headers})


def the_map(client: Client, flight: Flight, query: str = "") -> str:
    return str(client.get(f"/flights/{flight.pk}/{query}").content.decode())


def state_of(html: str, seat: str) -> str:
    """How a seat's checkbox says it stands."""
    box = re.search(rf'<input type="checkbox" name="seats" value="{seat}"([^>]*)>', html)
    assert box, f"there is no seat {seat}"
    if found := re.search(r'data-state="(\w+)"', box[1]):
        return found[1]
    return "mine" if "checked" in box[1] else "available"


def my_booking(client: Client, flight: Flight) -> Booking:
    """The one open booking of this browser."""
    html = the_map(client, flight)
    found = re.search(r'name="booking" value="([0-9a-f-]+)"', html)
    assert found
    return Booking.objects.get(pk=found[1])
