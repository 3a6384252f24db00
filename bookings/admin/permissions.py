"""What a login may do, beside the permissions that operations name themselves.

Roles are made by the migrations, and changed by whoever may change users.
"""

# Names and takings are in them.
SEE_BOOKINGS = "bookings.view_booking"
RESEAT = "bookings.move_seats"
BLOCK_SEATS = "bookings.block_seat"
OPERATE_FLIGHTS = "flights.operate_flight"
