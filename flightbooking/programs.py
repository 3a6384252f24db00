"""Programs have no session, no login, no form and no browser: they pass a shorter middleware.

It begins inside the longer one and not at the web server, so that tests and everything else
that calls Django go the same way.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.csp import CSP, build_policy
from django.utils.module_loading import import_string

from bookings.api.errors import PREFIX

OTHERS = frozenset({"/health", "/metrics"})

type GetResponse = Callable[[HttpRequest], HttpResponseBase]


def apart(get_response: GetResponse) -> GetResponse:
    """Middleware, the outermost: the API, /health and /metrics go through PROGRAMS_MIDDLEWARE."""
    programs = ProgramsHandler()
    programs.load_middleware()

    def middleware(request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if path.startswith(PREFIX) or path in OTHERS:
            return programs.get_response(request)
        return get_response(request)

    return middleware


class ProgramsHandler(BaseHandler):
    """Django's own, over PROGRAMS_MIDDLEWARE, of which none looks at views or templates."""

    def load_middleware(self, is_async: bool = False) -> None:
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        # The type stubs do not know where a request meets its view.
        handler = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]
        for path in reversed(settings.PROGRAMS_MIDDLEWARE):
            handler = convert_exception_to_response(import_string(path)(handler))
        self._middleware_chain = handler


def content_security_policy(get_response: GetResponse) -> GetResponse:
    """Middleware: the same policy for every answer, because none has a script or style inside."""
    header, policy = str(CSP.HEADER_ENFORCE), build_policy(settings.SECURE_CSP)

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault(header, policy)
        return response

    return middleware
