"""Refunds that the provider does not take, as staff see them and have them tried again."""

from collections.abc import Iterator
from io import StringIO

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.test import Client

from bookings import saga
from bookings.models import Booking, PaymentStatus
from bookings.saga.refunds import refunds
from flights.models import Flight
from tests.bookings.admin.staff import LIST, WHY, page, refund_due, staff_with
from tests.people import MoodyGateway, a_hold, settle, standing

pytestmark = pytest.mark.django_db(transaction=True)

ALL = f"{LIST}retry-refunds/"
REFUNDS = f"{LIST}?attention=refund"
REASON = "The payment service could not be reached."


@pytest.fixture(autouse=True)
def knows_nothing() -> Iterator[None]:
    refunds.forget()
    yield
    refunds.forget()


@pytest.fixture
def waits(flight: Flight, gateway: type[MoodyGateway]) -> Booking:
    """Its refund failed."""
    gateway.refunds = False
    booking = refund_due(flight)
    saga.advance(booking.pk)
    booking.refresh_from_db()
    return booking


def said(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def test_why_it_waits_is_said_wherever_staff_look(waits: Booking, olga: Client) -> None:
    assert f'<div class="readonly">{REASON}</div>' in said(olga, page(waits))
    assert "ConnectionError: the gateway is on fire" in said(olga, page(waits))
    assert f"failing, 1 error. {REASON}" in said(olga, "/admin/")
    out = StringIO()
    with pytest.raises(CommandError, match="Stuck: 1 bookings"):
        call_command("list_stuck", stdout=out)
    assert f"errors: 1, last error: {REASON}" in out.getvalue()
    call_command("check_bookings", stdout=(checked := StringIO()))
    assert f"1 error(s), the last: {REASON}" in checked.getvalue()


def test_all_are_tried_now_with_a_reason_in_each_history(
    waits: Booking, olga: Client, gateway: type[MoodyGateway], flight: Flight
) -> None:
    held = a_hold(flight, "20A")
    assert ALL in said(olga, "/admin/")
    assert ALL in said(olga, REFUNDS)
    assert "1 booking waits for a refund." in said(olga, ALL)
    answer = olga.post(ALL, {"reason": WHY}, follow=True)
    assert "Retry all refunds: begun for 1." in answer.content.decode()
    event = waits.events.get(name="retried_now")
    assert (event.by.partition(":")[2].startswith("olga"), event.detail) == (True, WHY)
    assert LogEntry.objects.get(object_id=str(waits.pk)).change_message.endswith(WHY)
    assert not held.events.filter(name="retried_now").exists()
    gateway.refunds = True
    saga.advance(waits.pk)
    assert standing(waits)[1] == PaymentStatus.REFUNDED


def test_nothing_is_retried_without_a_reason_or_by_a_look(waits: Booking, olga: Client) -> None:
    assert "This field is required." in olga.post(ALL, {"reason": " "}).content.decode()
    olga.get(ALL)
    assert not waits.events.filter(name="retried_now").exists()


def test_who_may_not_retry_one_may_not_retry_all(waits: Booking) -> None:
    vera = staff_with("view_booking", name="vera")
    for answer in (vera.get(ALL), vera.post(ALL, {"reason": WHY})):
        assert answer.status_code == 403
    for address in ("/admin/", REFUNDS):
        assert ALL not in said(vera, address)
    max_may = staff_with("view_booking", "retry_booking", name="max")
    assert max_may.post(ALL, {"reason": WHY}).status_code == 302


def test_none_waiting_is_said(olga: Client, flight: Flight) -> None:
    settle(refund_due(flight))
    answer = olga.post(ALL, {"reason": WHY}, follow=True)
    assert "begun for 0" in answer.content.decode()
