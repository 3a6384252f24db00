"""The operators' room: what happened to a booking, and what may be done about it.

Nothing here can be added, changed or deleted: operators act through the saga, which records
who did what and why, and refuses what a booking's state does not allow.
"""

from bookings.admin.bookings import BookingAdmin
from bookings.admin.flights import FlightWithLoadAdmin
from bookings.admin.ledger import LedgerEntryAdmin
from bookings.admin.staff import AuditTrailAdmin, OperatorAdmin

__all__ = [
    "AuditTrailAdmin",
    "BookingAdmin",
    "FlightWithLoadAdmin",
    "LedgerEntryAdmin",
    "OperatorAdmin",
]
