"""All refunds that wait for the provider, tried now: asked first, and kept in every history."""

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from bookings import saga
from bookings.admin.bookings.operations import OPERATIONS
from bookings.admin.forms import ReasonForm
from bookings.admin.staff_action import Refused, said_plainly
from bookings.invariants.attention import Trouble, in_trouble
from bookings.models import Booking
from flights.admin.pages import ModelPages, require
from flights.admin.signature import signature

LABEL = "Retry all refunds"


def retry_all(page: ModelPages[Booking], request: HttpRequest) -> HttpResponse:
    """The view: asks on GET, acts on POST."""
    require(request, OPERATIONS["retry_now"].permission)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    back = f"{page.url('changelist')}?attention={Trouble.REFUND}"
    if form.is_valid():
        _retry(request, form.cleaned_data["reason"])
        return HttpResponseRedirect(back)
    context = {
        "form": form,
        "back": back,
        "label": LABEL,
        "count": Booking.objects.filter(in_trouble(Trouble.REFUND)).count(),
    }
    template = "admin/bookings/booking/retry_refunds.html"
    return page.render(request, template, f"{LABEL}?", context)


def _retry(request: HttpRequest, reason: str) -> None:
    try:
        with said_plainly():
            retried = saga.retry_refunds(by=signature(request), reason=reason)
    except Refused as refusal:
        messages.error(request, f"{LABEL}: {refusal}")
        return
    if retried:
        LogEntry.objects.log_actions(str(request.user.pk), retried, CHANGE, f"{LABEL}: {reason}")
    messages.success(request, f"{LABEL}: begun for {len(retried)}. The others are tried already.")
