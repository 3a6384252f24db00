"""See flightbooking/postgres/__init__.py; Django wants this module's name."""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        """Whether the connection still stands: the socket tells, and only in doubt the server.

        A server that ends closes its connections, and a closed one has its end to be read.
        Django asks before every request, with a query that costs a round trip.
        """
        if self.connection is None or self.connection.closed:
            return False
        arrived = select.poll()
        arrived.register(self.connection.fileno(), select.POLLIN)
        return not arrived.poll(0) or super().is_usable()
