"""Every page of the back office: importing one registers it."""

from bookings.admin.bookings.page import BookingAdmin
from bookings.admin.flights.page import FlightWithLoadAdmin
from bookings.admin.ledger import LedgerEntryAdmin
from bookings.admin.staff import AuditTrailAdmin, OperatorAdmin

__all__ = [
    "AuditTrailAdmin",
    "BookingAdmin",
    "FlightWithLoadAdmin",
    "LedgerEntryAdmin",
    "OperatorAdmin",
]
