"""Where things are in the lake: the one home of its paths."""

from collections.abc import Sequence


def landing(dataset: str) -> str:
    """The folder new partitions land in, one folder per key, unless the contract names another."""
    return f"landing/{dataset}"


def admitted_folder(dataset: str) -> str:
    """The folder of all versions of all admitted partitions."""
    return f"admitted/{dataset}"


def admitted(dataset: str, key: str, content_hash: str) -> str:
    """The file of one version of an admitted partition."""
    return f"{admitted_folder(dataset)}/{key}/{content_hash[:16]}.parquet"


def profile(admitted_path: str) -> str:
    """The profile beside an admitted file."""
    return f"{admitted_path.removesuffix('.parquet')}.profile.json"


def validation(dataset: str, key: str, fingerprint: str) -> str:
    """The folder of Great Expectations' result on one landing, and its page."""
    return f"validations/{dataset}/{key}/{fingerprint}"


def quarantine(dataset: str, key: str, fingerprint: str) -> str:
    """The folder of one refused landing: the data as it landed, and why it was refused."""
    return f"quarantine/{dataset}/{key}/{fingerprint}"


def predictions(model: str, key: str, version: str, content_hash: str) -> str:
    """The file of one version's predictions for one partition."""
    return f"predictions/{model}/{key}/{version}-{content_hash[:16]}.parquet"


def evidence(model: str) -> str:
    """The folder of what a model's decisions stand on."""
    return f"evidence/{model}"


def feature_check(model: str, key: str) -> str:
    """What came of replaying the window features that a partition was scored with."""
    return f"{evidence(model)}/features/{key}.json"


def incident(model: str, sequence: int) -> str:
    """The folder of what one rollback was about, by the number of the deployment."""
    return f"{evidence(model)}/incidents/{sequence}"


def card(model: str, run_id: str) -> str:
    """The page of one run's model card, beside its evidence."""
    return f"{evidence(model)}/{run_id}/card.html"


def feature_view(dataset: str, by: Sequence[str]) -> str:
    """The name of the window features about one entity, in the feature store and in the lake."""
    return f"{dataset}_by_{'_'.join(by)}"


def feature_states(dataset: str, by: Sequence[str]) -> str:
    """The file of the newest states that were written to the online store."""
    return f"features/{dataset}/{feature_view(dataset, by)}.parquet"


def served_folder(model: str) -> str:
    """The folder of the service's prediction log: a folder per UTC day."""
    return f"served/{model}"


def served(model: str, day: str, segment: str) -> str:
    """The file of one segment's predictions of one day."""
    return f"{served_folder(model)}/{day}/{segment}.parquet"


def labels_folder(model: str) -> str:
    """The folder of labels that came as feedback: a folder per UTC day."""
    return f"labels/{model}"


def labels(model: str, day: str, segment: str) -> str:
    """The file of one segment's labels of one day."""
    return f"{labels_folder(model)}/{day}/{segment}.parquet"
