"""The admin as this site has it: Now is its first page, and its pages have their own policy."""

import time
from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, path
from django.utils.decorators import method_decorator
from django.views.decorators.csp import csp_override

VIEW = "bookings.view_booking"
NOTED_SECONDS = 300
# As Django's admin marks and words it.
CHANGED, PASSWORD = 2, "Changed password."


class OperatorsRoomConfig(AdminConfig):
    """In INSTALLED_APPS in place of django.contrib.admin."""

    default_site = "flightbooking.operators.OperatorsRoom"


class OperatorsRoom(AdminSite):
    """Django's admin with Now in front. The pages themselves are in bookings/admin."""

    site_title = site_header = "Petrel operators"
    index_title = "Now"
    enable_nav_sidebar = False

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        guarded = super().admin_view(view, cacheable)

        @csp_override(settings.ADMIN_CSP)
        @wraps(guarded)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            _note_presence(request)
            answer: HttpResponse = guarded(request, *args, **kwargs)
            return answer

        return run

    @method_decorator(csp_override(settings.ADMIN_CSP))
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        # Not at the top: it needs the models, and this is imported before them.
        from flightbooking.login import LoginForm

        self.login_form = LoginForm
        return super().login(request, extra_context)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """One's own password: a change like any other, so it is in the trail."""
        answer = super().password_change(request, extra_context)
        if request.method == "POST" and answer.status_code == 302:
            _audit_trail().log_actions(request.user.pk, [request.user], CHANGED, PASSWORD)
        return answer

    def get_urls(self) -> list[URLPattern | URLResolver]:
        parts = {"now": self.now, "today": self.today, "machinery": self.machinery}
        return [
            *(
                path(f"now/{name}/", self.admin_view(part), name=f"now_{name}")
                for name, part in parts.items()
            ),
            *super().get_urls(),
        ]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        if not request.user.has_perm(VIEW):
            return super().index(request, extra_context)
        now = _now()
        context = {"may_view": True, **now.today(), **now.now()}
        return super().index(request, {**context, **(extra_context or {})})

    def now(self, request: HttpRequest) -> HttpResponse:
        """What may change from one second to the next."""
        return _part(request, "now", _now().now)

    def today(self, request: HttpRequest) -> HttpResponse:
        """The charts and the next departures."""
        return _part(request, "today", _now().today)

    def machinery(self, request: HttpRequest) -> HttpResponse:
        """Queues and workers, who take a moment to answer, so that the page is there first."""
        from bookings.admin.machinery import machinery

        return _part(request, "machinery", lambda: {"machinery": machinery()})


def _note_presence(request: HttpRequest) -> None:
    """Let the login last for SESSION_COOKIE_AGE from now, to within NOTED_SECONDS.

    A page that refreshes itself is no sign that somebody is there.
    """
    if not request.user.is_authenticated or request.headers.get("HX-Request"):
        return
    if time.time() - request.session.get("noted", 0) > NOTED_SECONDS:
        request.session["noted"] = time.time()


def _part(request: HttpRequest, name: str, context: Callable[[], dict[str, Any]]) -> HttpResponse:
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    return render(request, f"admin/now.html#{name}", context())


def _audit_trail() -> Any:
    # Models cannot be imported before the apps are there, and this is one of them.
    from django.contrib.admin.models import LogEntry

    return LogEntry.objects


def _now() -> ModuleType:
    # The pages of bookings/admin register themselves with this site, so that they cannot be
    # imported before it.
    from bookings.admin import now

    return now
