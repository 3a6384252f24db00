"""Where a request comes from: for the login throttle, and for how much one client may take."""

from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

# Whoever has one address of IPv6 has all that differ only in the second half.
HALF = 64


def client_address(request: HttpRequest) -> str:
    """The client's address, of IPv6 the first of its network."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    return behind_proxies(forwarded, str(request.META.get("REMOTE_ADDR", "")))


def behind_proxies(forwarded: str, peer: str) -> str:
    """The same, from X-Forwarded-For and whom the web server speaks to.

    Each proxy adds the address it was spoken to from at the end of X-Forwarded-For. So with
    TRUSTED_PROXIES proxies of ours in front, the client is that many from the end; what is
    further left is its own invention.
    """
    hops = forwarded.split(",")
    trusted: int = settings.TRUSTED_PROXIES
    if 0 < trusted <= len(hops):
        try:
            return network_of(_without_port(hops[-trusted].strip()))
        except ValueError:
            pass
    return network_of(peer) if peer else ""


def _without_port(hop: str) -> str:
    """Some proxies add it: `192.0.2.1:4711`, `[2001:db8::1]:4711`."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop


def network_of(address: str) -> str:
    """The address itself or, of IPv6, the first of its network. Raises ValueError."""
    known = ip_address(address.partition("%")[0])
    if not isinstance(known, IPv6Address):
        return str(known)
    if known.ipv4_mapped:
        return str(known.ipv4_mapped)
    return str(IPv6Address(int(known) >> HALF << HALF))
