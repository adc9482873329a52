"""The only module that talks to MLflow."""
