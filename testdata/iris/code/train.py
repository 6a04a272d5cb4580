"""Train a classifier of irises and write it as safetensors and ONNX, while CodeCarbon measures what that takes.

    python -m pip install -r code/requirements.txt codecarbon
    python code/train.py

Reads data/train and data/test, writes model/ (weights, graph, configuration) and emissions.csv.
"""

import csv
import json
import pathlib

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file
from sklearn.linear_model import LogisticRegression

HERE = pathlib.Path(__file__).resolve().parent.parent
SPECIES = ["setosa", "versicolor", "virginica"]
PARAMETERS = {"C": 1.0, "max_iter": 400, "random_state": 42}


def read(name):
    with (HERE / "data" / name / f"{name}.csv").open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    return numpy.array([row[:4] for row in rows], dtype=numpy.float32), [SPECIES.index(row[4]) for row in rows]


def graph(tensors):
    """Returns the same classifier as a graph: lengths in, probabilities out."""
    return helper.make_graph(
        [
            helper.make_node("Sub", ["lengths", "scaler.mean"], ["centred"]),
            helper.make_node("Div", ["centred", "scaler.scale"], ["scaled"]),
            helper.make_node("Gemm", ["scaled", "weight", "bias"], ["scores"], transB=1),
            helper.make_node("Softmax", ["scores"], ["probabilities"], axis=1),
        ],
        "iris",
        [helper.make_tensor_value_info("lengths", TensorProto.FLOAT, ["rows", 4])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["rows", 3])],
        [numpy_helper.from_array(tensor, name) for name, tensor in tensors.items()],
    )


def main():
    from codecarbon import OfflineEmissionsTracker

    tracker = OfflineEmissionsTracker(country_iso_code="DEU", output_dir=str(HERE), project_name="iris", log_level="error")
    tracker.start()
    lengths, species = read("train")
    mean, scale = lengths.mean(axis=0), lengths.std(axis=0)
    model = LogisticRegression(**PARAMETERS).fit((lengths - mean) / scale, species)
    tracker.stop()
    lengths, species = read("test")
    accuracy = float(model.score((lengths - mean) / scale, species))

    tensors = {"scaler.mean": mean, "scaler.scale": scale, "weight": model.coef_, "bias": model.intercept_}
    tensors = {name: numpy.ascontiguousarray(tensor, dtype=numpy.float32) for name, tensor in tensors.items()}
    save_file(tensors, HERE / "model" / "model.safetensors", metadata={"format": "np"})
    opset = [helper.make_opsetid("", 17)]
    made = helper.make_model(graph(tensors), producer_name="iris", opset_imports=opset, ir_version=8)
    onnx.checker.check_model(made)
    (HERE / "model" / "model.onnx").write_bytes(made.SerializeToString(deterministic=True))
    config = {"architectures": ["MultinomialLogisticRegression"], "model_type": "logistic-regression", "num_labels": 3}
    (HERE / "model" / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    print(f"accuracy {accuracy:.4f} on {len(species)} rows")


if __name__ == "__main__":
    main()
