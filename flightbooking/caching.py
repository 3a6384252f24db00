"""What is kept of an answer on its way: nothing, unless the answer itself says so."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

NOT_STORED = "private, no-store"

type GetResponse = Callable[[HttpRequest], HttpResponseBase]


def not_stored(get_response: GetResponse) -> GetResponse:
    """Middleware: no browser and no proxy stores a page. Any may have a customer's hold on it."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", NOT_STORED)
        return response

    return middleware
