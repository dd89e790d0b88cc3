# Polku's production image: one image for web, streams, worker and migrate; docker-compose.yml says which it is.

FROM python:3.11-slim AS build
WORKDIR /polku
COPY requirements.lock ./
RUN python -m venv /opt/polku \
    && /opt/polku/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
COPY manage.py ./
COPY config ./config
COPY pim ./pim
COPY customers ./customers
COPY orders ./orders
COPY shop ./shop
# Static files with hashed names, compressed once. The key signs nothing: it only lets the settings load.
RUN POLKU_ENV=production SECRET_KEY=only-for-collecting-static-files-while-building-the-image \
    /opt/polku/bin/python manage.py collectstatic --noinput --verbosity 0 \
    && /opt/polku/bin/python -m compileall -q config pim customers orders shop

FROM python:3.11-slim
# A volume takes over the owner of the directory that it is mounted on for the first time.
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent polku \
    && install --directory --owner=polku /media
COPY --from=build /opt/polku /opt/polku
COPY --from=build /polku /polku
WORKDIR /polku
ENV PATH=/opt/polku/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    POLKU_ENV=production
USER polku
EXPOSE 8000
CMD ["python", "-m", "config.servers", "web", "--host", "0.0.0.0", "--port", "8000"]
