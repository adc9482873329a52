"""The assets Dags meet through. Every event on them carries a partition key; only landing zones are watched."""

from airflow.sdk import Asset


def admitted_partition(dataset: str) -> Asset:
    """An admitted partition of a dataset; key: the partition's."""
    return Asset(f"{dataset}_partition")


def materialised_features(dataset: str) -> Asset:
    """The online store knows a partition of a dataset; key: the partition's."""
    return Asset(f"{dataset}_features")


def training_request(model: str) -> Asset:
    """The queue of requests for training; key: the day the training stands on."""
    return Asset(f"{model}_training_request")


def challenger(model: str) -> Asset:
    """A registered challenger; key: its version."""
    return Asset(f"{model}_challenger")


def predictions(model: str) -> Asset:
    """Predictions for a partition; key: the partition's."""
    return Asset(f"{model}_predictions")
