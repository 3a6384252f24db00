"""Pages of tables that are too long to be counted."""

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

# Nobody turns more pages than that; counting a million flights takes longer than showing some.
COUNT_UP_TO = 10_000


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than COUNT_UP_TO."""

    @cached_property
    def count(self) -> int:
        assert isinstance(self.object_list, QuerySet)
        return self.object_list.order_by()[:COUNT_UP_TO].count()
