# The bot alone, as a user without rights:
#   docker build -t atelier .
#   docker run --env-file .env --volume atelier-data:/data atelier
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 \
    ATELIER_DATA_DIR=/data

RUN useradd --uid 10001 --create-home atelier \
    && install --directory --owner atelier --group atelier /data

WORKDIR /app
# The lock also pins what the sandbox needs (about 250 MB more); one lock to keep is worth that.
COPY requirements.lock .
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock
COPY bot bot
COPY cogs cogs

USER atelier
VOLUME /data
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
