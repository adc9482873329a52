#!/bin/bash
# One database with its own role for each of the three that keep tables: none can read another's. Runs once, on an empty volume.
set -euo pipefail

create() {
  psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres --set name="$1" --set password="$2" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
SQL
}

create airflow "$AIRFLOW_DB_PASSWORD"
create mlflow "$MLFLOW_DB_PASSWORD"
create perennial "$PERENNIAL_DB_PASSWORD"
