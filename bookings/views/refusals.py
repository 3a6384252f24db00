"""Where a refusal becomes a page. The table of statuses is in bookings/errors.py."""

import logging
from collections.abc import Callable
from functools import wraps

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render

from bookings.errors import BookingError
from bookings.views import held_seats, rights, who_travels

log = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 5
METHODS = ("GET", "HEAD", "POST")
BY_ITS_BUTTON = "This is done by a button of one of our pages, and not by its address."


def guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer a BookingError, and a database that is away, in words for the customer."""

    @wraps(view)
    def run(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except BookingError as error:
            response = refused(request, error)
        except (OperationalError, InterfaceError):
            log.exception("The database is away: %s", request.path)
            response = unavailable(request)
        response = rights.kept(request, held_seats.kept(request, response))
        return who_travels.kept(request, response)

    return run


def refused(request: HttpRequest, error: BookingError) -> HttpResponse:
    """The page, or for htmx the message, that says why not."""
    if error.status == 404:
        return _answer(request, "404.html", 404, message=error.message)
    return _answer(request, "refused.html", error.status, message=error.message)


def unavailable(request: HttpRequest) -> HttpResponse:
    """503: nothing is lost, but nothing can be decided now."""
    message = "We cannot reach our booking system for the moment. Please try again shortly."
    response = _answer(request, "503.html", 503, message=message)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404."""
    return _answer(request, "404.html", 404, message="There is no page at this address.")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400."""
    if isinstance(exception, RequestDataTooBig):
        return _answer(request, "refused.html", 413, message="That is more than may be sent here.")
    return _answer(request, "refused.html", 400, message=str(BookingError.__doc__))


def known_methods(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: pages are looked at and forms sent; whoever tries else is told in words."""

    def middleware(request: HttpRequest) -> HttpResponse:
        is_known = request.method in METHODS
        response = get_response(request) if is_known else HttpResponseNotAllowed(METHODS)
        if response.status_code != 405:
            return response
        said = _answer(request, "refused.html", 405, message=BY_ITS_BUTTON)
        said["Allow"] = response["Allow"]
        return said

    return middleware


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler403. A failed CSRF check has a template of its own, 403_csrf.html."""
    return _answer(request, "403.html", 403, message="You may not do this.")


def _answer(request: HttpRequest, template: str, status: int, *, message: str) -> HttpResponse:
    """The page; htmx puts only the message above what is there, and keeps that."""
    # The API's requests, which are no htmx ones, pass no HtmxMiddleware.
    if getattr(request, "htmx", False):
        response = render(request, "base.html#message", {"alert": message}, status=status)
        response["HX-Retarget"] = "#message"
        response["HX-Reswap"] = "innerHTML"
        return response
    return render(request, template, {"message": message}, status=status)
