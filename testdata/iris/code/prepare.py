"""Write the iris dataset, as scikit-learn ships it, into two CSV files.

    python code/prepare.py

Each row has four lengths in centimetres and the species. A row that is there twice is written once; then rows are shuffled,
and three quarters of them are for training.
"""

import csv
import pathlib
import random

from sklearn.datasets import load_iris

HERE = pathlib.Path(__file__).resolve().parent.parent


def main():
    iris = load_iris()
    names = [name.removesuffix(" (cm)").replace(" ", "_") for name in iris.feature_names] + ["species"]
    rows = [[*map(float, row), str(iris.target_names[kind])] for row, kind in zip(iris.data, iris.target)]
    rows = sorted(map(tuple, {tuple(row) for row in rows}))
    random.Random(42).shuffle(rows)
    split = len(rows) * 3 // 4
    for name, part in [("train", rows[:split]), ("test", rows[split:])]:
        with (HERE / "data" / name / f"{name}.csv").open("w", newline="\n") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerows([names, *part])


if __name__ == "__main__":
    main()
