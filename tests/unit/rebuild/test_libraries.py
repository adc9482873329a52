"""The libraries of a lock against those that are installed."""

from importlib.metadata import version
from pathlib import Path

import pytest

from include.rebuild.libraries import other_libraries
from include.registry.manifest import LOCK

NUMPY = version("numpy")


def test_the_lock_of_this_code_is_what_is_installed() -> None:
    assert other_libraries(LOCK) == ()


@pytest.mark.parametrize(
    ("lock", "others"),
    [
        (f"numpy=={NUMPY} \\\n    --hash=sha256:aa\n    # via pandas\n", []),
        ("numpy==0.1 \\\n    --hash=sha256:aa\n", [("library numpy", "0.1", NUMPY)]),
        ("no-such-library==3.0\n", [("library no-such-library", "3.0", "not installed")]),
        ("no-such-library==3.0 ; sys_platform == 'plan9' \\\n    --hash=sha256:aa\n", []),
        (f"numpy=={NUMPY} ; python_version >= '3'\nNumPy==0.2\n", [("library NumPy", "0.2", NUMPY)]),
        ("uvicorn[standard]==0.0.1\n", [("library uvicorn", "0.0.1", version("uvicorn"))]),
        ("# numpy==0.1\n--index-url x\n\n", []),
    ],
)
def test_each_other_version_is_named(tmp_path: Path, lock: str, others: list[tuple[str, str, str]]) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text(lock)
    assert [(one.name, one.recorded, one.found) for one in other_libraries(file)] == others
    assert all(one.binding for one in other_libraries(file))
