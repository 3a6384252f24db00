"""What one takes along: ticket, receipt and calendar, for whoever has rights to the booking."""

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from bookings.errors import BookingCancelled, NotPossible, NotYours
from bookings.views.browser import identified
from bookings.views.refusals import guarded
from bookings.views.shown_booking import Shown, shown_booking
from flights.htmx import HtmxRequest

NOT_YOURS = (
    "This is given only where the booking was made, or where it is found by its code and a name. "
    "Please open it under “My booking”."
)
NOT_PAID = "A booking has a ticket, a receipt and an entry for the calendar once it is paid."
NO_TICKET = (
    "This booking was cancelled, so there is no ticket any more. Its receipt says what goes back."
)


@require_safe
@guarded
@identified
def ticket(request: HtmxRequest, booking_id: UUID, *, browser_id: UUID | None) -> HttpResponse:
    """The e-ticket, as PDF. One query."""
    # Takes a tenth of a second to import, and few processes ever print.
    from bookings.documents.ticket import ticket

    shown = _paid(booking_id, browser_id)
    if not shown.has_ticket:
        raise BookingCancelled(NO_TICKET)
    return _pdf("ticket", shown, ticket(shown.booking, shown.flight))


@require_safe
@guarded
@identified
def receipt(request: HtmxRequest, booking_id: UUID, *, browser_id: UUID | None) -> HttpResponse:
    """What was paid and what went back, as PDF. Three queries."""
    from bookings.documents.receipt import receipt

    shown = _paid(booking_id, browser_id)
    return _pdf("receipt", shown, receipt(shown.booking, shown.flight))


@require_safe
@guarded
@identified
def calendar(request: HtmxRequest, booking_id: UUID, *, browser_id: UUID | None) -> HttpResponse:
    """The flight for a calendar, also to say that it is cancelled. Two queries."""
    from bookings.documents.calendar import calendar, changes_of

    changes = changes_of(booking_id)
    shown = _paid(booking_id, browser_id)
    if changes is None:
        raise NotPossible(NOT_PAID)
    content = calendar(shown.booking, shown.flight, changes)
    name = f"flight-{shown.booking.record_locator}.ics"
    return _file(name, "text/calendar; charset=utf-8", content, how="attachment")


def _paid(booking_id: UUID, browser_id: UUID | None) -> Shown:
    """Of one that is or was paid. Raises BookingNotFound, NotYours, NotPossible."""
    shown = shown_booking(booking_id, browser_id)
    if not shown.is_own:
        raise NotYours(NOT_YOURS)
    if not shown.booking.record_locator:
        raise NotPossible(NOT_PAID)
    return shown


def _pdf(name: str, shown: Shown, content: bytes) -> HttpResponse:
    return _file(f"{name}-{shown.booking.record_locator}.pdf", "application/pdf", content)


def _file(name: str, kind: str, content: bytes, *, how: str = "inline") -> HttpResponse:
    """Which nobody stores (flightbooking/caching.py) but whoever saves it."""
    said = {"Content-Disposition": f'{how}; filename="{name}"'}
    return HttpResponse(content, content_type=kind, headers=said)
