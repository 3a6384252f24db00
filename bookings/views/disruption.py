"""A flight has changed: its customer accepts it, takes another one, or has all the money back."""

import re
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from bookings import saga
from bookings.errors import BookingError, FlightNotFound, NotPossible
from bookings.views.browser import identified
from bookings.views.journey import journey_of, to_page
from bookings.views.refusals import guarded
from flights.htmx import HtmxRequest


@guarded
@identified
def disruption(request: HtmxRequest, booking_id: UUID, *, browser_id: UUID | None) -> HttpResponse:
    """What has changed and what can be answered; on POST, the answer."""
    about: dict[str, Any] = {"booking_id": booking_id, "browser_id": browser_id}
    refused: BookingError | None = None
    if request.method == "POST":
        try:
            _answer(request, **about)
        except (NotPossible, FlightNotFound) as error:
            refused = error
        else:
            return to_page(request, "booking", booking_id)
    found = saga.find_disruption(**about)
    if found is None:
        return to_page(request, "booking", booking_id)
    context = {
        "disruption": found,
        "booking": found.booking,
        "flight": found.booking.flight,
        "query": journey_of(request).query,
        "refusal": refused.message if refused else "",
    }
    return render(request, "disruption.html", context, status=refused.status if refused else 200)


def _answer(request: HtmxRequest, **about: Any) -> None:
    """Raises FlightNotFound, NotPossible, and whatever else the saga says."""
    answer, flight_id = request.POST.get("answer"), request.POST.get("flight", "")
    if answer == "accept":
        seen = re.fullmatch("[0-9]{1,9}", request.POST.get("seen", ""), re.ASCII)
        saga.accept_flight(**about, seen=int(seen[0]) if seen else None)
    elif answer == "refund":
        saga.take_full_refund(**about)
    elif re.fullmatch("[0-9]{1,18}", flight_id, re.ASCII):
        saga.take_other_flight(**about, flight_id=int(flight_id))
    else:
        raise NotPossible("Please choose one of these.")
