"""What NannyML's univariate calculator says with its defaults. Runs under a Python that has NannyML, and only that.

python nannyml_side.py FOLDER    each FOLDER/*.reference.parquet beside its *.current.parquet, one week after another
"""

import json
import sys
from pathlib import Path

import nannyml
import pandas as pd

WEEK_ROWS = int(sys.argv[2])


def alarms(reference: pd.DataFrame, current: pd.DataFrame) -> list[bool]:
    """Whether any feature of a week is beyond three standard deviations of the reference's ten chunks."""
    calculator = nannyml.UnivariateDriftCalculator(column_names=list(reference.columns))  # ten chunks by default
    calculator.fit(reference)
    calculator.chunker = nannyml.chunk.SizeBasedChunker(WEEK_ROWS)  # of the weeks to judge
    found = calculator.calculate(current).filter(period="analysis").to_df()
    alert = found.loc[:, found.columns.get_level_values(-1) == "alert"]
    return [bool(one) for one in alert.any(axis=1)]


def main() -> None:
    """Judges every stream and prints one JSON object by stream."""
    found = {}
    for path in sorted(Path(sys.argv[1]).glob("*.reference.parquet")):
        name = path.name.removesuffix(".reference.parquet")
        current = pd.read_parquet(path.with_name(f"{name}.current.parquet"))
        found[name] = alarms(pd.read_parquet(path), current)
        print(name, file=sys.stderr, flush=True)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
