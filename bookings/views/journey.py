"""What a customer searched for, kept in the addresses of the pages that it led to."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from flights.htmx import HtmxRequest
from flights.models import Flight

# What an address may say, and how; nonsense counts as not said.
KNOWN = {
    "origin": re.compile("[A-Z]{3}"),
    "destination": re.compile("[A-Z]{3}"),
    "date": re.compile("20[0-9]{2}-[0-9]{2}-[0-9]{2}"),
    "party": re.compile("[1-9][0-9]?"),
    "sort": re.compile("price|duration"),
}


@dataclass(frozen=True)
class Journey:
    """A search, as an address says it: `origin`, `destination`, `date`, `party` and `sort`."""

    said: tuple[tuple[str, str], ...] = ()

    @property
    def party(self) -> int:
        """How many travel."""
        return int(dict(self.said).get("party", "1"))

    @property
    def sort(self) -> str:
        """In which order; by departure need not be said."""
        return dict(self.said).get("sort", "")

    @property
    def query(self) -> str:
        """What to put behind an address, so that its page knows too: "?party=2", or nothing."""
        return f"?{urlencode(self.said)}" if self.said else ""

    @property
    def fields(self) -> SafeString:
        """The same for a form that asks for the party itself, and goes by GET."""
        others = [pair for pair in self.said if pair[0] != "party"]
        return format_html_join("", '<input type="hidden" name="{}" value="{}">', others)

    @property
    def word(self) -> str:
        """All of it in one word, for a cookie: "CDG~NCE~2026-12-24~2", or "CDG~~~"."""
        said = dict(self.said)
        return "~".join(said.get(name, "") for name in KNOWN)

    def results(self, flight: Flight) -> str:
        """The address of what was found; if nobody searched, of all that flies like this flight."""
        said = dict(self.said)
        if not said.keys() - {"party", "sort"}:
            said |= {"origin": flight.origin_id, "destination": flight.destination_id}
            said["date"] = str(flight.departure_date)
        return reverse("flights") + journey({**said}).query

    def but(self, **said: object) -> "Journey":
        """The same with something else; what is None is not said."""
        return journey({**dict(self.said), **said})


def journey(asked: dict[str, object]) -> Journey:
    """What of this makes sense; one traveller need not be said."""
    said = [(name, str(asked.get(name) or "")) for name in KNOWN]
    known = [pair for pair in said if KNOWN[pair[0]].fullmatch(pair[1]) and pair != ("party", "1")]
    return Journey(tuple(known))


def journey_in(word: str) -> Journey:
    """What such a word says."""
    return journey(dict(zip(KNOWN, word.split("~"), strict=False)))


def journey_of(request: HtmxRequest) -> Journey:
    """What the address of the page says; htmx tells it of the page that it asks for."""
    url = request.htmx.current_url if request.htmx else request.get_full_path()
    return journey(dict(parse_qsl(urlsplit(url or "").query)))


def to_page(request: HtmxRequest, name: str, *keys: UUID | int) -> HttpResponse:
    """To a page that still knows what was searched for."""
    return redirect(reverse(name, args=keys) + journey_of(request).query)
