"""Acting on bookings: a page that says what will happen and asks why, then the saga."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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

from bookings.admin.bookings.operations import OPERATIONS, Operation
from bookings.admin.formats import label
from bookings.errors import BookingChanged, BookingError
from bookings.models import Booking, PaymentAttempt
from bookings.models.contact import printable
from flights.admin.signature import signature

# Each is a transaction of its own, in one request.
AT_ONCE = 100
LIST = "admin:bookings_booking_changelist"
PAGE = "admin:bookings_booking_change"
CHANGED = "It was changed while you were deciding; please look at it again."


class ReasonForm(forms.Form):
    """Why: kept in the booking's history beside the operator's name."""

    reason = forms.CharField(
        max_length=200,
        validators=[printable],
        widget=forms.TextInput({"class": "vTextField", "autofocus": True}),
    )


class SeatsField(forms.MultipleChoiceField):
    """Some of the seats that are its choices."""

    def to_python(self, value: Any) -> list[str]:
        return [seat for seat in super().to_python(value) if seat]


class Refused(Exception):
    """Nothing was done; the message says why, to an operator."""


@contextmanager
def said_plainly() -> Iterator[None]:
    """Turn what the saga refuses, or a lock that is waited for too long, into Refused."""
    try:
        yield
    except BookingChanged as error:
        raise Refused(CHANGED) from error
    except BookingError as error:
        raise Refused(error.message) from error
    except OperationalError as error:
        raise Refused("The booking is busy; please try again.") from error


def choice(operation: Operation) -> Callable[..., HttpResponse | None]:
    """The operation in the list's menu."""

    @admin.action(description=f"{operation.label}…")
    def ask(page: Any, request: HttpRequest, chosen: QuerySet[Booking]) -> HttpResponse | None:
        if not operation.allowed(request.user):
            raise PermissionDenied
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
    operation = OPERATIONS[name]
    if not operation.allowed(request.user):
        raise PermissionDenied
    seen = _seen(request)
    bookings = _chosen(seen)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _confirmation(page, request, operation, bookings, form)
    _act_on_each(page, request, operation, bookings, seen, form.cleaned_data["reason"])
    return HttpResponseRedirect(back(bookings))


def _seen(request: HttpRequest) -> dict[UUID, int]:
    """The bookings asked about, each with the version that the operator decided on.

    A link names bookings alone; the form it leads to says `id:version`.
    """
    named = (request.POST if request.method == "POST" else request.GET).getlist("ids")
    try:
        pairs = [text.partition(":") for text in named[:AT_ONCE]]
        return {UUID(name): int(version or 0) for name, _, version in pairs}
    except ValueError as error:
        raise Http404 from error


def _chosen(ids: Iterable[UUID]) -> list[Booking]:
    bookings = list(Booking.objects.select_related("flight").filter(pk__in=list(ids)))
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
        "back": back(bookings),
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
    page: Any,
    request: HttpRequest,
    operation: Operation,
    bookings: Iterable[Booking],
    seen: Mapping[UUID, int],
    reason: str,
) -> None:
    """Each by itself: one that is refused keeps no other from being done."""
    refused = defaultdict(list)
    done = []
    for booking in bookings:
        try:
            with said_plainly():
                operation.run(
                    booking_id=booking.pk,
                    by=signature(request),
                    reason=reason,
                    version=seen[booking.pk],
                )
        except Refused as refusal:
            refused[str(refusal)].append(label(booking))
        else:
            done.append(label(booking))
            page.log_change(request, booking, f"{operation.label}: {reason}")
    if done:
        messages.success(request, f"{operation.label}: done for {', '.join(done)}.")
    for why, labels in refused.items():
        messages.error(request, f"{operation.label}: refused for {', '.join(labels)}. {why}")


def back(bookings: Sequence[Booking]) -> str:
    """Where to go on: the one booking's page, or the list."""
    return reverse(PAGE, args=[bookings[0].pk]) if len(bookings) == 1 else reverse(LIST)
