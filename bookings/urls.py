"""The customers' pages."""

from django.urls import path

from bookings.views import (
    best_seats,
    booking,
    cancellation,
    changes,
    disruption,
    documents,
    search,
    seat_map,
    trip,
)

urlpatterns = [
    path("", search.flights, name="flights"),
    path("airports/", search.airports, name="airports"),
    path("flights/<int:flight_id>/", seat_map.seat_map, name="seat_map"),
    path("flights/<int:flight_id>/seat/", seat_map.seat, name="seat"),
    path("flights/<int:flight_id>/together/", best_seats.together, name="together"),
    path("flights/<int:flight_id>/panel/", seat_map.panel, name="panel"),
    path("trip/", trip.trip, name="trip"),
    path("trip/<uuid:booking_id>/<str:key>/", trip.link, name="trip_link"),
    path("bookings/<uuid:booking_id>/", booking.booking, name="booking"),
    path("bookings/<uuid:booking_id>/progress/", booking.progress, name="progress"),
    path("bookings/<uuid:booking_id>/passengers/", booking.passengers, name="passengers"),
    path("bookings/<uuid:booking_id>/fare/", booking.fare, name="fare"),
    path("bookings/<uuid:booking_id>/pay/", booking.pay, name="pay"),
    path("bookings/<uuid:booking_id>/cancel/", booking.cancel, name="cancel"),
    path(
        "bookings/<uuid:booking_id>/cancellation/", cancellation.cancellation, name="cancellation"
    ),
    path("bookings/<uuid:booking_id>/again/", booking.again, name="again"),
    path("bookings/<uuid:booking_id>/disruption/", disruption.disruption, name="disruption"),
    path("bookings/<uuid:booking_id>/changes/", changes.choose, name="change_seats"),
    path("bookings/<uuid:booking_id>/changes/<uuid:change_id>/", changes.change, name="change"),
    path(
        "bookings/<uuid:booking_id>/changes/<uuid:change_id>/pay/",
        changes.pay,
        name="pay_change",
    ),
    path(
        "bookings/<uuid:booking_id>/changes/<uuid:change_id>/give-up/",
        changes.give_up,
        name="give_up_change",
    ),
    path("bookings/<uuid:booking_id>/ticket.pdf", documents.ticket, name="ticket"),
    path("bookings/<uuid:booking_id>/receipt.pdf", documents.receipt, name="receipt"),
    path("bookings/<uuid:booking_id>/calendar.ics", documents.calendar, name="calendar"),
]
