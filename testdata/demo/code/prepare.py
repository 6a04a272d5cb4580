"""Write the digits dataset, as scikit-learn ships it, into CSV files.

    python code/prepare.py

Each row has 64 pixels (0 to 16) and the digit. Rows keep the order of the dataset; the first three
quarters are for training, the rest is for testing.
"""

import csv
import pathlib

from sklearn.datasets import load_digits

HERE = pathlib.Path(__file__).resolve().parent.parent
PARTS = 4


def write(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="\n") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([f"pixel_{i}" for i in range(64)] + ["digit"])
        writer.writerows(rows)


def main():
    digits = load_digits()
    rows = [[int(value) for value in pixels] + [int(digit)] for pixels, digit in zip(digits.data, digits.target)]
    split = len(rows) * 3 // 4
    size = -(-split // PARTS)
    for part in range(PARTS):
        write(HERE / "data" / "train" / f"part-{part}.csv", rows[:split][part * size : (part + 1) * size])
    write(HERE / "data" / "test" / "test.csv", rows[split:])


if __name__ == "__main__":
    main()
