"""The admin as this site has it: Now is its first page, and its pages have their own policy."""

import time
from collections.abc import Callable
from functools import wraps
from typing import cast

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest
from django.db import DataError, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.decorators import method_decorator
from django.views.decorators.csp import csp_override

from bookings.admin.dashboard import now
from bookings.admin.dashboard.queues import queues_now
from bookings.admin.login import LoginForm
from bookings.admin.permissions import SEE_BOOKINGS
from flights.htmx import HtmxRequest

NOTED_SECONDS = 300
# As Django's admin words it.
PASSWORD_CHANGED = "Changed password."


class BackOffice(AdminSite):
    """Django's admin with Now in front. The pages themselves are in bookings/admin."""

    site_title = site_header = "Petrel operators"
    index_title = "Now"
    enable_nav_sidebar = False
    login_form = LoginForm

    def admin_view[View: Callable[..., HttpResponseBase]](
        self, view: View, cacheable: bool = False
    ) -> View:
        guarded = super().admin_view(view, cacheable)

        @csp_override(settings.ADMIN_CSP)
        @wraps(guarded)
        def run(request: HtmxRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            _note_presence(request)
            try:
                return guarded(request, *args, **kwargs)
            except DataError as error:  # No form of ours sends what the database cannot hold.
                raise BadRequest from error

        return cast("View", run)

    @method_decorator(csp_override(settings.ADMIN_CSP))
    def login(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        return super().login(request, extra_context)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> TemplateResponse:
        """One's own password: a change like any other, so it is in the trail."""
        user = request.user
        with transaction.atomic():
            if request.method == "POST" and isinstance(user, User):
                # All of the row is written: not over what was changed since the request began.
                user.refresh_from_db(from_queryset=User.objects.select_for_update(no_key=True))
            answer = super().password_change(request, extra_context)
        if request.method == "POST" and answer.status_code == 302 and isinstance(user, User):
            LogEntry.objects.log_actions(user.pk, [user], CHANGE, PASSWORD_CHANGED)
        return answer

    def get_urls(self) -> list[URLPattern | URLResolver]:
        parts = {"now": self.now, "today": self.today, "machinery": self.queues}
        return [
            *(
                path(f"now/{name}/", self.admin_view(part), name=f"now_{name}")
                for name, part in parts.items()
            ),
            *super().get_urls(),
        ]

    def index(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> TemplateResponse:
        if not request.user.has_perm(SEE_BOOKINGS):
            return super().index(request, extra_context)
        context = {"may_view": True, **now.today(), **now.now()}
        return super().index(request, {**context, **(extra_context or {})})

    def now(self, request: HttpRequest) -> HttpResponse:
        """What may change from one second to the next."""
        return _part(request, "now", now.now)

    def today(self, request: HttpRequest) -> HttpResponse:
        """The charts and the next departures."""
        return _part(request, "today", now.today)

    def queues(self, request: HttpRequest) -> HttpResponse:
        """Queues and workers, who take a moment to answer, so that the page is there first."""
        return _part(request, "machinery", lambda: {"queues": queues_now()})


def _note_presence(request: HtmxRequest) -> None:
    """Let the login last for SESSION_COOKIE_AGE from now, to within NOTED_SECONDS.

    A page that refreshes itself is no sign that somebody is there.
    """
    if not request.user.is_authenticated or request.htmx:
        return
    if time.time() - request.session.get("noted", 0) > NOTED_SECONDS:
        request.session["noted"] = time.time()


@permission_required(SEE_BOOKINGS, raise_exception=True)
def _part(
    request: HttpRequest, name: str, context: Callable[[], dict[str, object]]
) -> HttpResponse:
    return render(request, f"admin/now.html#{name}", context())
