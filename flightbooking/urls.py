"""Every address of the site."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from bookings.api import api
from bookings.metrics import metrics
from flightbooking.health import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("api/", api.urls),
    path("health", health),
    path("metrics", metrics),
    path("", include("bookings.urls")),
]

handler400 = "bookings.views.refusals.bad_request"
handler403 = "bookings.views.refusals.forbidden"
handler404 = "bookings.views.refusals.not_found"
