# The bot alone, as a user without rights:
#   docker build -t atelier .
#   docker run --env-file .env --volume atelier-data:/data atelier
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 \
    ATELIER_DATA_DIR=/data

RUN useradd --uid 10001 --create-home atelier \
    && install --directory --owner atelier --group atelier /data

WORKDIR /app
COPY requirements.lock .
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock
COPY bot bot
COPY cogs cogs

USER atelier
VOLUME /data
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
