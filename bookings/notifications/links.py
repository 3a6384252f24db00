"""The link that a mail carries: whoever has it may do with the booking what its maker may."""

from django.conf import settings
from django.core.signing import Signer
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from bookings.models import Booking


def link_to(booking: Booking) -> str:
    """It ends with the departure, and when the booking's address becomes another one."""
    return settings.SITE_URL + reverse("trip_link", args=[booking.pk, key_of(booking)])


def key_of(booking: Booking) -> str:
    """What only who was written to can say."""
    return Signer(salt=f"bookings.link:{booking.email}").signature(booking.pk.hex)


def is_key(booking: Booking, key: str) -> bool:
    return constant_time_compare(key, key_of(booking))
