# The platform's image: `runtime` for web, worker, beat and the commands, `gpu` for the GPU worker.
# tests/ops/test_compose.py holds its versions to pyproject.toml and the lock files.

FROM node:24-bookworm-slim AS frontend
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund --omit=dev
COPY frontend frontend
RUN node frontend/build.mjs

FROM python:3.12-slim-bookworm AS translations
RUN apt-get update \
    && apt-get install -y --no-install-recommends gettext \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY ops ops
COPY locale locale
RUN python -m ops.translations --compile

FROM python:3.12-slim-bookworm AS packages
COPY requirements/runtime.txt /tmp/
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r /tmp/runtime.txt

FROM python:3.12-slim-bookworm AS runtime
# GDAL's library inside rasterio links to the system's expat; Pango and HarfBuzz set the PDF reports.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
       libexpat1 libpangoft2-1.0-0 libharfbuzz-subset0 libseccomp2 \
    && rm -rf /var/lib/apt/lists/*
# Its group has the same number; tests/ops/test_compose.py holds docker-compose.yml to both. Volumes
# begin as these folders. Compiled kernels lie where only it can write: they are loaded as code.
RUN groupadd --system --gid 10001 clcplus \
    && useradd --system --uid 10001 --gid clcplus --create-home clcplus \
    && install -d -o clcplus -g clcplus -m 700 \
        /home/clcplus /home/clcplus/.cache /data /data/rasters /data/rasters/uploads
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    NUMBA_CACHE_DIR=/home/clcplus/.cache/numba \
    DEBUG=0 \
    STATIC_ROOT=/srv/static
WORKDIR /app
COPY --from=packages /venv /venv
COPY manage.py ./
COPY analytics analytics
COPY inference inference
COPY clcplus clcplus
COPY demonstration demonstration
COPY migrations migrations
COPY templates templates
# Part of the release: another version of a library may make other answers.
COPY requirements/runtime.txt requirements/runtime.txt
COPY --from=translations /app/locale locale
COPY --from=frontend /app/clcplus/static/build clcplus/static/build
RUN SECRET_KEY=only-while-building python -m manage collectstatic --no-input --verbosity 0
USER clcplus
EXPOSE 8000

FROM runtime AS gpu
USER root
COPY requirements/model.txt requirements/torch.txt /tmp/
# torch's build for CUDA names its libraries itself; the lock file holds for every build.
RUN pip install --no-cache-dir --no-deps --require-hashes -r /tmp/model.txt \
    && pip install --no-cache-dir -r /tmp/torch.txt
USER clcplus

# What `docker build` makes where nothing else is said.
FROM runtime
