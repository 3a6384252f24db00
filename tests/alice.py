"""Alice in her browser, whose bookings open to it and to no other."""

from functools import partial
from uuid import UUID

from django.http import HttpResponse
from django.test import Client

from bookings.views.browser import COOKIE, SALT
from tests import people

ALICE = UUID("a11ce000-0000-4000-8000-000000000000")

a_hold = partial(people.a_hold, browser_id=ALICE)
a_payment = partial(people.a_payment, browser_id=ALICE)
a_confirmed_booking = partial(people.a_confirmed_booking, browser_id=ALICE)


def cookie_of(browser_id: UUID) -> str:
    """What the browser with this number is known by."""
    response = HttpResponse()
    response.set_signed_cookie(COOKIE, browser_id.hex, salt=SALT)
    return response.cookies[COOKIE].value


def browser_of(browser_id: UUID) -> Client:
    """The browser with this number."""
    client = Client()
    client.cookies[COOKIE] = cookie_of(browser_id)
    return client
