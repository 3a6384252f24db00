"""Where a login comes from, for the throttle: behind our own proxies, what they say."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The client's address.

    Each proxy adds the address it was spoken to from at the end of X-Forwarded-For. So with
    TRUSTED_PROXIES proxies of ours in front, the client is that many from the end; what is
    further left is its own invention.
    """
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    trusted: int = settings.TRUSTED_PROXIES
    if 0 < trusted <= len(hops):
        try:
            return str(ip_address(hops[-trusted]))
        except ValueError:
            pass
    return str(request.META.get("REMOTE_ADDR", ""))
