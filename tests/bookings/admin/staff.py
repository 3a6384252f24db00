"""Operators and the pages they use."""

import re
from typing import Any

from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse

from bookings import saga
from bookings.models import Booking
from flights.models import Flight
from tests.people import a_confirmed_booking

LIST = "/admin/bookings/booking/"
WHY = "The customer rang"


def a_supervisor(name: str = "olga") -> Client:
    """The browser of an operator who may do everything."""
    client = Client()
    client.force_login(User.objects.create_superuser(name))
    return client


def an_onlooker(name: str = "vera") -> Client:
    """The browser of somebody who may look and not act."""
    return staff_with("view_booking", "view_ledgerentry", name=name)


def staff_with(*permissions: str, role: str = "", name: str) -> Client:
    """The browser of an operator who may do that, or has this role, and nothing else."""
    user = User.objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    user.groups.set(Group.objects.filter(name=role))
    client = Client()
    client.force_login(user)
    return client


def opened(client: Client, address: str) -> dict[str, Any]:
    """What the form of an edit page would post if nothing were changed."""
    page = client.get(address)
    form = page.context["adminform"].form
    filled = {field.html_name: field.value() for field in form if not field.field.disabled}
    seen = re.search(r'name="_seen" value="(\w+)"', page.content.decode())
    said = {name: value for name, value in filled.items() if value not in (None, "", [])}
    ticked = {name: value for name, value in said.items() if value is not False}
    return ticked | ({"_seen": seen.group(1)} if seen else {})


def edit(client: Client, address: str, **answers: Any) -> Any:
    """Open the page, fill this in, and save."""
    return client.post(address, opened(client, address) | answers)


def page(booking: Booking) -> str:
    return reverse("admin:bookings_booking_change", args=[booking.pk])


def act(client: Client, name: str, *bookings: Booking, reason: str = WHY, **answers: object) -> Any:
    """Submit the confirmation that shows these bookings as they are in memory."""
    ids = [f"{booking.pk}:{booking.version}" for booking in bookings]
    address = reverse("admin:bookings_booking_act", args=[name])
    return client.post(address, {"ids": ids, "reason": reason, **answers}, follow=True)


def refund_due(flight: Flight) -> Booking:
    booking = a_confirmed_booking(flight)
    return saga.cancel_and_refund(booking_id=booking.pk, by="operator:olga")


def move(client: Client, booking: Booking, *seats: str, reason: str = WHY) -> Any:
    """Submit the form of free seats, opened when the booking was as it is in memory."""
    address = reverse("admin:bookings_booking_move", args=[booking.pk])
    answers = {"seats": seats, "version": booking.version, "reason": reason}
    return client.post(address, answers, follow=True)
