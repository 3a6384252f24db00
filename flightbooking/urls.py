"""Every address of the site."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, path

from flightbooking.api import api
from flightbooking.observability import health, metrics

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("api/", api.urls),
    path("health", health),
    path("metrics", metrics),
]
