"""Shows every mistake in a model's folder as an import error; the Dags of all other models are there all the same."""

from include.errors import SpecError
from include.spec import load_models

# The Dag processor reads files that speak of a dag and of airflow.
mistakes = load_models().errors.values()
if mistakes:
    raise SpecError("\n".join(str(mistake) for mistake in mistakes))
