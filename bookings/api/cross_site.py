"""No page of another site changes anything through its visitors' browsers.

A browser sends forms and plain text for any page without asking us first, and says in its
headers whose page it was: then nothing else of the request is looked at.
"""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse

from bookings.api.errors import refused
from bookings.errors import NotJson, OtherSite

LOOKING = ("GET", "HEAD", "OPTIONS")
JSON = "application/json"
# One of these comes with every body.
OF_A_BODY = ("CONTENT_TYPE", "HTTP_TRANSFER_ENCODING", "CONTENT_LENGTH")
# A page of ours; and whoever typed the address.
OUR_OWN = ("same-origin", "none")


def own_json_only(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorator of every operation: what changes something is ours or a program's, and JSON."""

    @wraps(run)
    def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.method not in LOOKING:
            if _is_of_another_site(request):
                return refused(request, OtherSite())
            if not _is_json(request):
                return refused(request, NotJson())
        return run(request, *args, **kwargs)

    return checked


def _is_of_another_site(request: HttpRequest) -> bool:
    """Programs say nothing of sites, and old browsers only their page's origin."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site not in OUR_OWN
    host = request.get_host()
    return origin not in (None, f"https://{host}", f"http://{host}")


def _is_json(request: HttpRequest) -> bool:
    has_body = any(request.META.get(sign) not in (None, "", "0") for sign in OF_A_BODY)
    return request.content_type == JSON or not has_body
