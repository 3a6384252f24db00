"""Payment providers: the protocol, and a simulated provider with books of its own.

A provider is a class that the setting PAYMENT_GATEWAY names; see `gateway.Gateway`.
"""

from bookings.payments.gateway import Answer, Gateway, GatewayTimeout, gateway
from bookings.payments.simulated import (
    ALWAYS_APPROVED,
    ALWAYS_DECLINED,
    REFUSED_FOR_GOOD,
    SimulatedGateway,
)

__all__ = [
    "ALWAYS_APPROVED",
    "ALWAYS_DECLINED",
    "REFUSED_FOR_GOOD",
    "Answer",
    "Gateway",
    "GatewayTimeout",
    "SimulatedGateway",
    "gateway",
]
