# Trained models over HTTP, as nobody on a read-only file system, without JAX and plotly: see docs/services.md.
#   docker build -t morelike-serve .
#   docker run --rm --read-only --cap-drop ALL -v "$PWD/my-model:/models/model:ro" -p 127.0.0.1:8000:8000 morelike-serve
FROM python:3.12-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY src src
COPY packaging packaging
RUN python -m venv /opt/morelike
RUN /opt/morelike/bin/python -m pip install --no-cache-dir "./packaging/core[serve,commands]"
RUN /opt/morelike/bin/python -m compileall -q /opt/morelike/lib

FROM python:3.12-slim
COPY --from=build /opt/morelike /opt/morelike
ENV PYTHONDONTWRITEBYTECODE=1 HOME=/nonexistent
WORKDIR /models
USER 65534:65534
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s CMD ["/opt/morelike/bin/python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/v1/models', timeout=4)"]
ENTRYPOINT ["/opt/morelike/bin/python", "-m", "morelike", "serve", "--host", "0.0.0.0", "--port", "8000"]
CMD ["/models/model"]
