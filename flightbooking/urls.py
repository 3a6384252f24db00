"""Every address of the site."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from flightbooking.api import api
from flightbooking.observability import health, metrics

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("api/", api.urls),
    path("health", health),
    path("metrics", metrics),
    path("", include("bookings.urls")),
]

handler403 = "bookings.views.edges.forbidden"
handler404 = "bookings.views.edges.not_found"
