#!/bin/bash
# Brings everything that the services stand on to this image's version: bucket, Airflow's, MLflow's and the ledger's tables.
# Run to its end before any of them starts, on every `docker compose up`; changes nothing that is already there.
set -euo pipefail

jobs=()
run() {
  echo "init: $1"
  "${@:2}" &
  jobs+=($!)
}

run "bucket $PERENNIAL_BUCKET" python docker/bucket.py "$PERENNIAL_BUCKET"
run "Airflow's tables" airflow db migrate
run "MLflow's tables" mlflow db upgrade "$MLFLOW_BACKEND_STORE_URI"
run "the ledger's tables" python -m include migrate
for job in "${jobs[@]}"; do wait "$job"; done
echo "init: done"
