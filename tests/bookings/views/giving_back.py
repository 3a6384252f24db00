"""How a customer gives paid seats back on the page: ticks, looks, and presses the button."""

import re
from html import unescape
from typing import Any

from django.test import Client

from bookings.models import Booking

SURE = "Yes, cancel"


def address(booking: Booking) -> str:
    return f"/bookings/{booking.pk}/cancellation/"


def ask_for(client: Client, booking: Booking, *seats: str, **more: Any) -> Any:
    """Tick these seats, and press the button under them."""
    return client.get(address(booking), {"seats": seats, "asked": "yes"}, **more)


def sent_by(answer: Any) -> dict[str, Any]:
    """What the one button of the page would send."""
    html = answer.content.decode()
    assert html.count(SURE) == 1
    fields = re.findall(r'<input type="hidden" name="(quote|seats)" value="([^"]*)"', html)
    [quote] = [value for name, value in fields if name == "quote"]
    return {"quote": quote, "seats": [value for name, value in fields if name == "seats"]}


def confirm(client: Client, booking: Booking, *seats: str) -> Any:
    return client.post(address(booking), sent_by(ask_for(client, booking, *seats)))


def said(answer: Any) -> str:
    text = unescape(re.sub(r"<[^>]+>", " ", answer.content.decode().partition("<main")[2]))
    return " ".join(text.split())


def page(client: Client, booking: Booking) -> str:
    return said(client.get(f"/bookings/{booking.pk}/"))
