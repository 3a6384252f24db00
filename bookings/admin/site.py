"""The admin as this site has it: Now is its first page, and its pages have their own policy."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, path
from django.utils.decorators import method_decorator
from django.views.decorators.csp import csp_override

from bookings.admin.dashboard import now, queues
from bookings.admin.login import LoginForm

VIEW = "bookings.view_booking"
NOTED_SECONDS = 300
# As Django's admin words it.
PASSWORD_CHANGED = "Changed password."


class BackOffice(AdminSite):
    """Django's admin with Now in front. The pages themselves are in bookings/admin."""

    site_title = site_header = "Petrel operators"
    index_title = "Now"
    enable_nav_sidebar = False
    login_form = LoginForm

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
        return super().login(request, extra_context)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """One's own password: a change like any other, so it is in the trail."""
        answer = super().password_change(request, extra_context)
        user = request.user
        if request.method == "POST" and answer.status_code == 302 and isinstance(user, User):
            LogEntry.objects.log_actions(user.pk, [user], CHANGE, PASSWORD_CHANGED)
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
        context = {"may_view": True, **now.today(), **now.now()}
        return super().index(request, {**context, **(extra_context or {})})

    def now(self, request: HttpRequest) -> HttpResponse:
        """What may change from one second to the next."""
        return _part(request, "now", now.now)

    def today(self, request: HttpRequest) -> HttpResponse:
        """The charts and the next departures."""
        return _part(request, "today", now.today)

    def machinery(self, request: HttpRequest) -> HttpResponse:
        """Queues and workers, who take a moment to answer, so that the page is there first."""
        return _part(request, "machinery", lambda: {"machinery": queues.machinery()})


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
