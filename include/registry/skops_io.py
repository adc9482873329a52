"""skops, imported without the warnings it wakes."""

import importlib
import warnings
from typing import Any

with warnings.catch_warnings():
    # skops looks for the home of every scipy function in all loaded modules, which wakes thousands of deprecation
    # warnings in Airflow's compatibility modules
    warnings.simplefilter("ignore")
    skops_io: Any = importlib.import_module("skops.io")
