"""The back office page of a flight."""

from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from flights.models import Flight

WHY = "Fog in Paris"


def somebody(*permissions: str) -> Client:
    """The browser of a member of staff with these permissions."""
    user = User.objects.create_user("vera", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def page(flight: Flight) -> str:
    return reverse("admin:flights_flight_change", args=[flight.pk])


def address(name: str, flight: Flight) -> str:
    return reverse(f"admin:flights_flight_{name}", args=[flight.pk])


def block(
    client: Client, flight: Flight, *seats: str, name: str = "block", reason: str = WHY
) -> str:
    data = {"seats": seats, "reason": reason}
    return client.post(address(name, flight), data, follow=True).content.decode()
