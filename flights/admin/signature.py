"""Who acts, as every history writes it."""

from django.http import HttpRequest


def signature(request: HttpRequest) -> str:
    """The login that acts: "operator:alice"."""
    return f"operator:{request.user.get_username()}"
