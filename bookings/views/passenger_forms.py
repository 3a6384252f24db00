"""Who travels, as the page asks for it: a part for each seat, the address, all in one form."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms

from bookings.errors import InvalidPassengers
from bookings.models import Booking, Passenger, PassengerType
from bookings.saga import Said
from bookings.views.forms import ContactField
from flights.models import Flight

# A field of a passenger, or of the infant on that one's lap, by what the saga says is wrong.
FIELDS = {"name": "given", "born": "born", "type": "type"}
SEATED = (PassengerType.ADULT, PassengerType.CHILD)


def _birth() -> forms.DateField:
    wrong = "Please give the date like 2020-12-24."
    picked = forms.DateInput({"type": "date"})
    errors = {"invalid": wrong}
    return forms.DateField(
        label="Date of birth", required=False, error_messages=errors, widget=picked
    )


def _name(label: str) -> forms.CharField:
    return forms.CharField(label=label, required=False)


class PassengerForm(forms.Form):
    """Who sits in a seat, and perhaps an infant on the lap."""

    given = _name("Given name")
    family = _name("Family name")
    type = forms.ChoiceField(
        label="Adult or child",
        choices=[(one.value, one.label) for one in SEATED],
        required=False,
    )
    born = _birth()
    infant_given = _name("The infant\u2019s given name")
    infant_family = _name("Family name")
    infant_born = _birth()

    # Where it is, and what it is like there.
    seat: str
    words: str

    def said(self) -> Iterator[tuple[Said, str]]:
        """The passenger and the infant, as the saga takes them, each with what its fields begin
        with."""
        told = self.cleaned_data
        of = told["type"] or PassengerType.ADULT
        # Nobody sees it then.
        born = told["born"] if of == PassengerType.CHILD else None
        yield Said(self.seat, told["given"], told["family"], of, born), ""
        infant = [told[f"infant_{field}"] for field in ("given", "family", "born")]
        if any(infant):
            given, family, born = infant
            yield Said(self.seat, given, family, PassengerType.INFANT, born), "infant_"

    @property
    def has_infant(self) -> bool:
        """Whether to show the infant's fields at once."""
        return any(self[f"infant_{field}"].value() for field in ("given", "family", "born"))

    @property
    def is_child(self) -> bool:
        return bool(self["type"].value() == PassengerType.CHILD)


class LeadForm(forms.Form):
    """Where the confirmation goes, and which version of the booking one saw."""

    email = ContactField("email")
    version = forms.IntegerField(min_value=0, required=False)


class PassengersForm:
    """All of it, for the seats of a booking. `draft` is what was typed before."""

    def __init__(
        self,
        booking: Booking,
        flight: Flight,
        *,
        data: Mapping[str, Any] | None = None,
        draft: Mapping[str, str] | None = None,
    ) -> None:
        known = _initial(booking) or dict(draft or {})
        initial = {"email": booking.email or known.get("email", "")}
        self.lead = LeadForm(data, initial=initial)
        self.parts = [
            _part(booking.seats[place], flight, data, f"p{place}", known)
            for place in range(len(booking.seats))
        ]
        # What is wrong with none of them by himself.
        self.problems: list[str] = []

    @property
    def is_valid(self) -> bool:
        return all([self.lead.is_valid(), *(part.is_valid() for part in self.parts)])

    @property
    def email(self) -> str:
        return str(self.lead.cleaned_data["email"])

    @property
    def version(self) -> int | None:
        """None counts as what is there now."""
        version: int | None = self.lead.cleaned_data["version"]
        return version

    def said(self) -> list[Said]:
        return [one for one, _, _ in self._all()]

    def blame(self, refused: InvalidPassengers) -> None:
        """Put what the saga refused beside the fields that it is about."""
        everybody = list(self._all())
        for problem in refused.problems:
            if problem.place is None:
                self.problems.append(problem.message)
                continue
            _, begin, part = everybody[problem.place]
            field = FIELDS.get(problem.field)
            part.add_error(field and begin + field, problem.message)

    @property
    def first_wrong(self) -> str:
        """The field to begin with, by its name in the page."""
        for form in (*self.parts, self.lead):
            for field in form:
                if field.errors:
                    return str(field.html_name)
        return ""

    @property
    def typed(self) -> dict[str, str]:
        """What was typed, field by field, to be known again."""
        forms = (*self.parts, self.lead)
        values = {field.html_name: field.value() for form in forms for field in form}
        return {name: str(value) for name, value in values.items() if value and name != "version"}

    def _all(self) -> Iterator[tuple[Said, str, PassengerForm]]:
        for part in self.parts:
            for one, begin in part.said():
                yield one, begin, part


def said_of(booking: Booking) -> list[Said]:
    """The booking's passengers, to be said again of other seats."""
    named = zip(booking.seats, booking.passengers, strict=bool(booking.passengers))
    return [
        Said(seat, one.given, one.family, one.type, one.born)
        for seat, passenger in named
        for one in (passenger, passenger and passenger.infant)
        if one
    ]


def _part(
    seat: str, flight: Flight, data: Mapping[str, Any] | None, prefix: str, known: Mapping[str, str]
) -> PassengerForm:
    mine = f"{prefix}-"
    initial = {name.removeprefix(mine): said for name, said in known.items() if mine in name}
    part = PassengerForm(data, prefix=prefix, initial=initial)
    place = flight.layout.parsed.seats.get(seat)
    part.seat, part.words = seat, f"{place.cabin}, {place.description}" if place else ""
    return part


def _initial(booking: Booking) -> dict[str, str]:
    """Those who are named, in the fields of the page."""
    return {
        f"p{place}-{field}": said
        for place, passenger in enumerate(booking.passengers)
        if passenger
        for field, said in _fields(passenger)
    }


def _fields(passenger: Passenger, begin: str = "") -> Iterator[tuple[str, str]]:
    yield f"{begin}given", passenger.given
    yield f"{begin}family", passenger.family
    yield f"{begin}type", passenger.type
    yield f"{begin}born", passenger.born.isoformat() if passenger.born else ""
    if passenger.infant:
        yield from _fields(passenger.infant, "infant_")
