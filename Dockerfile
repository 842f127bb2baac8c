# The image of a service; build with --build-arg SERVICE=<folder>. model_server has its own.
FROM python:3.13-slim-trixie AS build
ARG SERVICE
RUN python3 -m venv /opt/venv
COPY requirements/${SERVICE}.txt /requirements.txt
RUN --mount=type=cache,target=/var/cache/pip \
    /opt/venv/bin/pip install --cache-dir /var/cache/pip --disable-pip-version-check --quiet --require-hashes -r /requirements.txt \
    && /opt/venv/bin/pip uninstall --quiet --yes pip \
    && find /opt/venv -depth -type d -name tests -exec rm -r {} +
WORKDIR /app
RUN mkdir /state
COPY riskstack riskstack
COPY deploy deploy
COPY gateway/openapi.yaml gateway/openapi.yaml
COPY ${SERVICE} ${SERVICE}
# readable for any user, whatever the modes of the files in the working copy
RUN chmod -R a+rX /app && /opt/venv/bin/python -m compileall -q riskstack ${SERVICE}

FROM python:3.13-slim-trixie
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
# what a volume mounted here belongs to
COPY --from=build --chown=10001:10001 /state /state
WORKDIR /app
USER 10001:10001
