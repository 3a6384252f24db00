"""The operators' login: its form, and where a login comes from, for the throttle."""

from ipaddress import ip_address

from django import forms
from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import UsernameField
from django.contrib.auth.models import User
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


class LoginForm(AdminAuthenticationForm):
    """Refuses a name that nobody can have, which the throttle could not write down."""

    username = UsernameField(
        max_length=User._meta.get_field("username").max_length,
        widget=forms.TextInput({"autofocus": True}),
    )
