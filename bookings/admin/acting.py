"""Acting on bookings: a page that says what will happen and asks why, then the saga."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import pluralize
from django.template.response import TemplateResponse
from django.urls import reverse

from bookings.admin.operations import OPERATIONS, Operation
from bookings.errors import BookingError
from bookings.models import Booking, PaymentAttempt

# Each is a transaction of its own, in one request.
AT_ONCE = 100
LIST = "admin:bookings_booking_changelist"
PAGE = "admin:bookings_booking_change"


class ReasonForm(forms.Form):
    """Why: kept in the booking's history beside the operator's name."""

    reason = forms.CharField(
        max_length=200, widget=forms.TextInput({"class": "vTextField", "autofocus": True})
    )


def choice(operation: Operation) -> Callable[..., HttpResponse | None]:
    """The operation in the list's menu."""

    @admin.action(description=f"{operation.label}…", permissions=["operate"])
    def ask(page: Any, request: HttpRequest, chosen: QuerySet[Booking]) -> HttpResponse | None:
        bookings = list(chosen[: AT_ONCE + 1])
        if len(bookings) > AT_ONCE:
            text = f"Please choose at most {AT_ONCE} bookings at once. Nothing was done."
            messages.error(request, text)
            return None
        return _confirmation(page, request, operation, bookings, ReasonForm())

    ask.__name__ = operation.name
    return ask


def act(page: Any, request: HttpRequest, name: str) -> HttpResponse:
    """The view of one operation: asks on GET, acts on POST."""
    if name not in OPERATIONS:
        raise Http404
    if not page.has_operate_permission(request):
        raise PermissionDenied
    operation = OPERATIONS[name]
    bookings = _chosen(request)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _confirmation(page, request, operation, bookings, form)
    _act_on_each(page, request, operation, bookings, form.cleaned_data["reason"])
    return HttpResponseRedirect(_back(bookings))


def label(booking: Booking) -> str:
    """What operators call a booking: its record locator, or the start of its id."""
    return booking.record_locator or f"{str(booking.pk)[:8]}…"


def _chosen(request: HttpRequest) -> list[Booking]:
    ids = (request.POST if request.method == "POST" else request.GET).getlist("ids")
    try:
        wanted = [UUID(text) for text in ids[:AT_ONCE]]
    except ValueError as error:
        raise Http404 from error
    bookings = list(Booking.objects.select_related("flight").filter(pk__in=wanted))
    if not bookings:
        raise Http404
    return bookings


def _confirmation(
    page: Any,
    request: HttpRequest,
    operation: Operation,
    bookings: Sequence[Booking],
    form: ReasonForm,
) -> TemplateResponse:
    open_attempts = PaymentAttempt.objects.filter(booking__in=bookings, outcome=None)
    trying = set(open_attempts.values_list("booking_id", flat=True))
    context = {
        **page.admin_site.each_context(request),
        "title": f"{operation.label}: {len(bookings)} booking{pluralize(len(bookings))}?",
        "opts": page.opts,
        "media": page.media,
        "operation": operation,
        "form": form,
        "back": _back(bookings),
        "rows": [
            {
                "booking": booking,
                "label": label(booking),
                "forecast": operation.foretell(booking, booking.pk in trying),
            }
            for booking in bookings
        ],
    }
    return TemplateResponse(request, "admin/bookings/booking/confirm.html", context)


def _act_on_each(
    page: Any, request: HttpRequest, operation: Operation, bookings: Iterable[Booking], reason: str
) -> None:
    """Each by itself: one that is refused keeps no other from being done."""
    by = f"operator:{request.user.get_username()}"
    refused = defaultdict(list)
    done = []
    for booking in bookings:
        try:
            operation.run(booking_id=booking.pk, by=by, reason=reason)
        except BookingError as error:
            refused[error.message].append(label(booking))
        except OperationalError:
            refused["The booking is busy; please try again."].append(label(booking))
        else:
            done.append(label(booking))
            page.log_change(request, booking, f"{operation.label}: {reason}")
    if done:
        messages.success(request, f"{operation.label}: done for {', '.join(done)}.")
    for why, labels in refused.items():
        messages.error(request, f"{operation.label}: refused for {', '.join(labels)}. {why}")


def _back(bookings: Sequence[Booking]) -> str:
    return reverse(PAGE, args=[bookings[0].pk]) if len(bookings) == 1 else reverse(LIST)
