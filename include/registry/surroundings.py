"""The machine and the libraries a model is made on, as far as they decide its numbers."""

import platform
from importlib.metadata import version

from threadpoolctl import threadpool_info

from include.spec.contract import Frozen

NUMERIC = ("numpy", "scipy", "scikit-learn", "pandas", "pyarrow")  # whose versions can change a prediction


class Surroundings(Frozen):
    """Everything outside code, data and parameters that can change the last bit of a prediction.

    `blas` names the linear algebra libraries with the processor they chose their kernels for; `threads` is how many
    threads OpenMP and BLAS may use. Example: python "CPython 3.11.7", system "Linux x86_64 glibc 2.36",
    blas "openblas 0.3.30 SkylakeX", threads 4.
    """

    python: str
    system: str
    libraries: dict[str, str]
    blas: str
    threads: int


def surroundings() -> Surroundings:
    """Those of this process. Call it after the fit, when the libraries it needs are loaded."""
    pools = threadpool_info()
    kernels = {f"{one['internal_api']} {one['version']} {one.get('architecture')}" for one in pools if _is_blas(one)}
    return Surroundings(
        python=f"{platform.python_implementation()} {platform.python_version()}",
        system=" ".join(filter(None, (platform.system(), platform.machine(), *platform.libc_ver()))),
        libraries={name: version(name) for name in NUMERIC},
        blas=", ".join(sorted(kernels)),
        threads=max((int(one["num_threads"]) for one in pools), default=1),
    )


def _is_blas(pool: dict[str, object]) -> bool:
    return pool["user_api"] == "blas"
