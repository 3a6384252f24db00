"""Operators and the pages they use."""

from typing import Any

from django.contrib.auth.models import Permission, User
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
    user = User.objects.create_user(name, is_staff=True)
    names = ["view_booking", "view_ledgerentry"]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client = Client()
    client.force_login(user)
    return client


def page(booking: Booking) -> str:
    return reverse("admin:bookings_booking_change", args=[booking.pk])


def act(client: Client, name: str, *bookings: Booking, reason: str = WHY) -> Any:
    """Submit the confirmation that shows these bookings as they are in memory."""
    ids = [f"{booking.pk}:{booking.version}" for booking in bookings]
    address = reverse("admin:bookings_booking_act", args=[name])
    return client.post(address, {"ids": ids, "reason": reason}, follow=True)


def refund_due(flight: Flight) -> Booking:
    booking = a_confirmed_booking(flight)
    return saga.cancel_and_refund(booking_id=booking.pk, by="operator:olga")


def move(client: Client, booking: Booking, *seats: str, reason: str = WHY) -> Any:
    """Submit the form of free seats, opened when the booking was as it is in memory."""
    address = reverse("admin:bookings_booking_move", args=[booking.pk])
    answers = {"seats": seats, "version": booking.version, "reason": reason}
    return client.post(address, answers, follow=True)
