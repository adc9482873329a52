"""What NannyML's calculators say with their defaults. Runs under a Python that has NannyML, and only that.

python nannyml_side.py FOLDER WEEK_ROWS    each FOLDER/*.reference.parquet beside its *.current.parquet, week after week
"""

import json
import sys
import warnings
from pathlib import Path

import nannyml
import pandas as pd

ANSWERS = {"y_true": "target", "y_pred": "predicted", "y_pred_proba": "said"}
CLASSIFIER = {**ANSWERS, "problem_type": "classification_binary", "metrics": ["roc_auc"]}


def alarms(reference: pd.DataFrame, current: pd.DataFrame, rows: int) -> dict[str, list[bool]]:
    """Whether a week is beyond three standard deviations of the reference's ten chunks: any feature, the measured AUC,
    the estimated one."""
    features = [name for name in reference.columns if name not in ANSWERS.values()]
    asked = {
        "drift": nannyml.UnivariateDriftCalculator(column_names=features),
        "measured": nannyml.PerformanceCalculator(**CLASSIFIER),
        "estimated": nannyml.CBPE(**CLASSIFIER),
    }
    found = {}
    for name, calculator in asked.items():
        calculator.fit(reference)
        calculator.chunker = nannyml.chunk.SizeBasedChunker(rows)  # of the weeks to judge
        judged = calculator.estimate if name == "estimated" else calculator.calculate
        told = judged(current).filter(period="analysis").to_df()
        alert = told.loc[:, told.columns.get_level_values(-1) == "alert"]
        found[name] = [bool(one) for one in alert.any(axis=1)]
    return found


def main() -> None:
    """Judges every stream and prints one JSON object by stream."""
    warnings.simplefilter("ignore")
    found = {}
    for path in sorted(Path(sys.argv[1]).glob("*.reference.parquet")):
        name = path.name.removesuffix(".reference.parquet")
        current = pd.read_parquet(path.with_name(f"{name}.current.parquet"))
        found[name] = alarms(pd.read_parquet(path), current, int(sys.argv[2]))
        print(name, file=sys.stderr, flush=True)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
