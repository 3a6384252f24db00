"""How any task is handed to Celery's workers: never waited for, never tried twice.

A task only makes things prompt; what must happen is in Postgres, where a sweep finds it. So
publishing may fail, and nobody's answer depends on the broker.
"""

from uuid import UUID

from celery import current_app

from flights.redis_circuit import ask_redis

# A task that comes this late is worth nothing: the sweep was there long ago.
LATE_SECONDS = 300


def enqueue(task: str, subject: UUID | int, *, queue: str = "work", seconds: float = 0) -> bool:
    """Have a worker of the queue run the task with this id, after so many seconds.

    False if the broker did not take it.
    """

    def publish() -> bool:
        current_app.send_task(
            task,
            args=[str(subject)],
            queue=queue,
            countdown=seconds or None,
            expires=seconds + LATE_SECONDS,
            ignore_result=True,
            retry=False,
        )
        return True

    return ask_redis("enqueue", publish, otherwise=False)
