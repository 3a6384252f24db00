"""The JSON API under /api: the same calls of the saga that the pages make, for programs.

It knows no cookies: an order is reached by its unguessable id, so there is no token against forged
requests. That no other site's page has its visitors hold seats is seen to in `cross_site`.
"""

from ninja import NinjaAPI, Swagger

from bookings.api import cancellations, changes, disruptions, errors, flights, orders
from bookings.api.cross_site import own_json_only

DESCRIPTION = """
Find a flight, hold seats while the clock runs, pay, and get a confirmed order.

1. `GET /api/flights`, then `GET /api/flights/{id}` for its seats.
2. `POST /api/orders` holds them. Change them with `PUT /api/orders/{id}/seats`, which starts the
   clock again.
3. `POST /api/orders/{id}/pay`, then ask for `/status` every two seconds until the order is
   `CONFIRMED` or `FAILED`.
4. To give a paid order back, or some of its seats, ask for a quote with
   `POST /api/orders/{id}/cancellation`, and confirm it.
5. To change its seats, hold others with `POST /api/orders/{id}/changes`, and pay for them if
   `differenceCents` is above zero.
6. When a flight is delayed or gets another aircraft, `GET /api/orders/{id}/disruption` says so;
   POST there to accept it, take another flight, or have all the money back.

There is no login: whoever knows an order's id may see, pay and change it, so keep it secret, as you
would a password. What a customer began on the site is no order here (403).

Bodies are JSON in UTF-8, sent as `Content-Type: application/json`. Whatever changes something takes
no other (415), and nothing from a page of another site (403). Times are UTC. Money is a whole
number of the smallest unit of its currency, as ISO 4217 has it: 12345 is 123.45 EUR, 12345 JPY or
12.345 KWD. Every error is `{error, message}`: `error` is for programs, `message` for people. With
503 comes `Retry-After`, in seconds.
"""

api = NinjaAPI(
    title="Flight booking",
    version="1.0",
    description=DESCRIPTION,
    urls_namespace="api",
    # No validator badge: nothing is asked of anybody else's server.
    docs=Swagger(settings={"validatorUrl": None}),
)
api.add_decorator(own_json_only, mode="view")
api.add_router("", flights.router)
api.add_router("", orders.router)
api.add_router("", cancellations.router)
api.add_router("", changes.router)
api.add_router("", disruptions.router)
errors.handle_errors(api)
