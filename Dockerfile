FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1
WORKDIR /srv
COPY requirements.lock .
RUN pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE worker.py ./
COPY reviewhub reviewhub
RUN pip install --no-deps . \
    && reviewhub translations compile \
    && useradd --system --create-home reviewhub \
    && mkdir -p /var/lib/reviewhub /var/metrics \
    && chown reviewhub /var/lib/reviewhub /var/metrics
USER reviewhub
# In the second folder the web processes keep their figures, so that each answers for all of them.
ENV REVIEWHUB_VAR=/var/lib/reviewhub PROMETHEUS_MULTIPROC_DIR=/var/metrics
EXPOSE 8000
CMD ["gunicorn", "--config", "python:reviewhub.cli.serving", "--bind", "0.0.0.0:8000", "--workers", "2", "--worker-class", "reviewhub.web.patience.PatientWorker", "--threads", "4", "--worker-tmp-dir", "/dev/shm", "--graceful-timeout", "20", "--no-control-socket", "reviewhub.app:create_app()"]
