"""Train a small classifier of handwritten digits and write it as safetensors.

    python -m pip install -r code/requirements.txt
    python code/train.py

Reads data/train and data/test, writes model/ (weights, configuration, card) and pickle/model.pkl, which
holds the same model in the way that it should not be shipped: a pickle can carry code.
"""

import csv
import json
import pathlib
import pickle

import numpy
from safetensors.numpy import save_file
from sklearn.neural_network import MLPClassifier

HERE = pathlib.Path(__file__).resolve().parent.parent
PARAMETERS = {"hidden_layer_sizes": (32,), "alpha": 1e-3, "max_iter": 400, "random_state": 42}


def read(folder):
    rows = []
    for path in sorted((HERE / "data" / folder).glob("*.csv")):
        with path.open(newline="") as file:
            rows += [[int(value) for value in row] for row in list(csv.reader(file))[1:]]
    table = numpy.array(rows, dtype=numpy.float32)
    return table[:, :-1] / 16, table[:, -1].astype(int)


def main():
    pixels, digits = read("train")
    model = MLPClassifier(**PARAMETERS).fit(pixels, digits)
    accuracy = float(model.score(*read("test")))

    folder = HERE / "model"
    folder.mkdir(exist_ok=True)
    (hidden, output), (hidden_bias, output_bias) = model.coefs_, model.intercepts_
    tensors = {
        "hidden.weight": hidden, "hidden.bias": hidden_bias, "output.weight": output, "output.bias": output_bias,
    }
    tensors = {name: numpy.ascontiguousarray(tensor, dtype=numpy.float32) for name, tensor in tensors.items()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "np"})
    config = {
        "architectures": ["DigitsClassifier"], "model_type": "mlp", "input_size": 64, "hidden_size": 32,
        "num_labels": 10, "activation": "relu", "accuracy": round(accuracy, 4),
    }
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")

    (HERE / "pickle").mkdir(exist_ok=True)
    with (HERE / "pickle" / "model.pkl").open("wb") as file:
        pickle.dump(model, file, protocol=4)
    print(f"accuracy {accuracy:.4f}")


if __name__ == "__main__":
    main()
