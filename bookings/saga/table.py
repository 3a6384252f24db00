"""All transitions there are: the picture in the docs and the checks read them from here."""

from bookings.saga import (
    change_transitions,
    disruption_transitions,
    passenger_transitions,
    staff_transitions,
    transitions,
)
from bookings.saga.transition import transitions_in

_MODULES = (
    transitions,
    staff_transitions,
    passenger_transitions,
    change_transitions,
    disruption_transitions,
)
# Each once: some are made of others'.
TABLE = tuple(dict.fromkeys(each for module in _MODULES for each in transitions_in(vars(module))))
