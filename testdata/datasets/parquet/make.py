"""Writes the same rows as Parquet in every way that the library has, and as JSON Lines.

    python -m venv .venv && .venv/bin/pip install pyarrow==26.0.1 && .venv/bin/python make.py
"""

import datetime
import decimal
import json
import pathlib

import pyarrow
import pyarrow.parquet

HERE = pathlib.Path(__file__).parent
UTC = datetime.timezone.utc

POINT = pyarrow.struct([("x", pyarrow.float64()), ("y", pyarrow.list_(pyarrow.int32()))])
SCHEMA = pyarrow.schema([
    ("id", pyarrow.int32()),
    ("text", pyarrow.string()),
    ("flag", pyarrow.bool_()),
    ("tags", pyarrow.list_(pyarrow.string())),
    ("points", pyarrow.list_(POINT)),
    ("grid", pyarrow.list_(pyarrow.list_(pyarrow.int64()))),
    ("counts", pyarrow.map_(pyarrow.string(), pyarrow.int64())),
    ("one", POINT),
    ("when", pyarrow.timestamp("us", tz="UTC")),
    ("local", pyarrow.timestamp("ms")),
    ("day", pyarrow.date32()),
    ("clock", pyarrow.time64("us")),
    ("price", pyarrow.decimal128(9, 2)),
    ("raw", pyarrow.binary()),
    ("fixed", pyarrow.binary(3)),
    ("single", pyarrow.float32()),
    ("double", pyarrow.float64()),
    ("half", pyarrow.float16()),
    ("large", pyarrow.uint64()),
    ("nothing", pyarrow.null()),
])


def row(number):
    """A row in Python, and the same in JSON."""
    some = number % 3 != 0
    point = {"x": number / 4, "y": [number, None, -number][: number % 4]} if number % 5 else None
    when = datetime.datetime(2026, 1, 1, 12, 0, number, 250000, UTC)
    price = decimal.Decimal(number * 101 - 700).scaleb(-2)
    python = {
        "id": number,
        "text": ["red", "green", "näive", ""][number % 4] if some else None,
        "flag": number % 2 == 0 if some else None,
        "tags": [None, [], ["a"], ["a", None, "b" * number]][number % 4],
        "points": [point, {"x": None, "y": None}, {"x": 1.5, "y": []}][: number % 4] if some else None,
        "grid": [[number], [], None, [1, 2, None]][: number % 5],
        "counts": [("k", number), ("l", None)][: number % 3],
        "one": point,
        "when": when if some else None,
        "local": when.replace(tzinfo=None),
        "day": when.date(),
        "clock": when.time(),
        "price": price,
        "raw": b"\xff" + bytes([number]),
        "fixed": b"%03d" % number,
        "single": number / 10,
        "double": float("nan") if number == 7 else number / 10,
        "half": number / 2,
        "large": 2**64 - 1 - number,
        "nothing": None,
    }
    import base64

    in_json = dict(
        python,
        counts=[list(pair) for pair in python["counts"]],
        when=when.strftime("%Y-%m-%dT%H:%M:%S.25Z") if some else None,
        local=when.strftime("%Y-%m-%dT%H:%M:%S.25"),
        day=when.strftime("%Y-%m-%d"),
        clock=when.strftime("%H:%M:%S.25"),
        price=str(price),
        raw=base64.b64encode(python["raw"]).decode(),
        fixed=python["fixed"].decode(),
        double=None if number == 7 else number / 10,
    )
    return python, in_json


def write(name, table, **options):
    pyarrow.parquet.write_table(table, HERE / f"{name}.parquet", **{"compression": "none", **options})


def main():
    rows = [row(number) for number in range(24)]
    table = pyarrow.Table.from_pylist([python for python, _ in rows], schema=SCHEMA)
    lines = [json.dumps(in_json, ensure_ascii=False) + "\n" for _, in_json in rows]
    (HERE / "rows.jsonl").write_text("".join(lines), encoding="utf-8")
    for codec in ["none", "snappy", "gzip", "brotli", "zstd", "lz4"]:
        write(codec, table, compression=codec)
    write("groups", table, row_group_size=5)
    write("pages", table, data_page_size=1, write_batch_size=2, data_page_version="2.0", compression="zstd")
    write("plain", table, use_dictionary=False, data_page_version="2.0")
    write("renamed-lists", table.select(list(reversed(SCHEMA.names))), use_compliant_nested_type=False)
    write(
        "encodings",
        table,
        use_dictionary=False,
        data_page_version="2.0",
        compression="snappy",
        column_encoding={
            "id": "DELTA_BINARY_PACKED",
            "text": "DELTA_BYTE_ARRAY",
            "flag": "RLE",
            "tags.list.element": "DELTA_LENGTH_BYTE_ARRAY",
            "points.list.element.x": "BYTE_STREAM_SPLIT",
            "points.list.element.y.list.element": "DELTA_BINARY_PACKED",
            "raw": "DELTA_LENGTH_BYTE_ARRAY",
            "fixed": "BYTE_STREAM_SPLIT",
            "single": "BYTE_STREAM_SPLIT",
            "large": "DELTA_BINARY_PACKED",
        },
    )
    # One row of the others, alone.
    write("one", table.slice(11, 1), compression="snappy")


main()
