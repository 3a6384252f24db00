"""What is attached to a confirmation."""

from django.core.mail import EmailMultiAlternatives

from bookings.models import Booking


def attach_ticket(mail: EmailMultiAlternatives, booking: Booking) -> None:
    """The ticket, and the flight for a calendar. Two queries, and some 13 ms of CPU time."""
    # Take a fifth of a second to import, and few processes ever send one.
    from bookings.documents.calendar import calendar, changes_of
    from bookings.documents.ticket import ticket

    flight, changes = booking.flight, changes_of(booking.pk)
    # Not as it was before the changes were counted.
    flight.refresh_from_db(fields=["departure", "arrival"])
    mail.attach(f"ticket-{booking}.pdf", ticket(booking, flight), "application/pdf")
    if changes:
        mail.attach(f"flight-{booking}.ics", calendar(booking, flight, changes), "text/calendar")
