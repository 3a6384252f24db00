"""What one operator looks for again and again."""

from django.conf import settings
from django.db import models


class SavedSearch(models.Model):
    """A name for what the bookings' list shows: its search and filters, as in its address."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_searches", db_index=False
    )
    name = models.CharField(max_length=40)
    # "state=FAILED&q=AF1234"
    query = models.CharField(max_length=300)

    class Meta:
        default_permissions = ()
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint("owner", "name", name="saved_search_once_by_name"),
        ]

    def __str__(self) -> str:
        return self.name
