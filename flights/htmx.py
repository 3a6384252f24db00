"""The type of a request after HtmxMiddleware: `request.htmx`."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class HtmxRequest(HttpRequest):
    """A request that HtmxMiddleware has seen."""

    htmx: HtmxDetails
