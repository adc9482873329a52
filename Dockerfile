# One image for every process of Perennial: Airflow's components, Celery workers, the MLflow server, pods, `python -m include`.
FROM python:3.11-slim-bookworm AS build
RUN pip install --no-cache-dir --disable-pip-version-check uv==0.13.8
COPY requirements.txt /
# Bytecode now, not in every task: without it a fresh interpreter needs seconds more to import Airflow.
RUN --mount=type=cache,target=/root/.cache/uv \
    uv venv /opt/venv \
 && uv pip install --python /opt/venv --link-mode copy --require-hashes --compile-bytecode -r /requirements.txt

FROM python:3.11-slim-bookworm
# Nothing in this image reports home.
ENV MLFLOW_DISABLE_TELEMETRY=true \
    DO_NOT_TRACK=true \
    ITERATIVE_DO_NOT_TRACK=true \
    GX_ANALYTICS_ENABLED=false \
    NML_DISABLE_USAGE_LOGGING=1 \
    SCARF_NO_ANALYTICS=true
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/opt/perennial \
    PYTHONUNBUFFERED=1 \
    AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/perennial/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/perennial/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    OMP_WAIT_POLICY=PASSIVE \
    GIT_PYTHON_REFRESH=quiet
COPY --from=build /opt/venv /opt/venv
# Volumes are mounted on these paths and inherit their owner. The code belongs to root: no process can change it.
RUN useradd --uid 1000 --create-home perennial \
 && install --directory --owner perennial --group perennial /opt/airflow /opt/airflow/logs /opt/airflow/serving
WORKDIR /opt/perennial
# A model's manifest names the lock that it was trained with.
COPY requirements.txt ./
COPY docker/health.py docker/bucket.py docker/init.sh docker/
COPY dags dags
COPY plugins plugins
COPY include include
RUN python -m compileall -q .
# Last, so that a new commit rebuilds no layer but this one.
ARG PERENNIAL_COMMIT=
ENV PERENNIAL_COMMIT=$PERENNIAL_COMMIT
LABEL org.opencontainers.image.title=perennial \
      org.opencontainers.image.revision=$PERENNIAL_COMMIT
USER perennial
CMD ["python", "-m", "include"]
