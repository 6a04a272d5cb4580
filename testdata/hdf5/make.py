"""Writes the HDF5 files of this folder: `python make.py`, with h5py 3.16.0 and numpy.

Nothing in them runs: the pickle is the five bytes of an empty tuple, the programs are words.
"""
import json

import h5py
import numpy

SEQUENTIAL = {"class_name": "Sequential", "config": {"name": "s", "layers": [
    {"module": "keras.layers", "class_name": "Dense", "config": {"units": 2, "activation": "relu"}, "registered_name": None},
]}}
LAMBDA = {"class_name": "Sequential", "config": {"layers": [
    {"class_name": "Lambda", "config": {"function": ["4wEAAAA=", None, None], "function_type": "lambda"}},
]}}


def keras(path, config, **options):
    with h5py.File(path, "w", **options) as file:
        file.attrs["keras_version"] = "2.15.0"
        file.attrs["backend"] = "tensorflow"
        file.attrs["model_config"] = json.dumps(config) if isinstance(config, dict) else config
        group = file.create_group("model_weights/dense/dense")
        group.attrs["weight_names"] = [b"kernel:0"]
        group.create_dataset("kernel:0", data=numpy.zeros((3, 2), "float32"))


keras("keras.h5", SEQUENTIAL)
keras("latest.h5", SEQUENTIAL, libver="latest")
keras("lambda.h5", LAMBDA)
keras("broken_config.h5", "{")
keras("fixed_string.h5", numpy.bytes_(json.dumps(LAMBDA)))
keras("user_block.h5", SEQUENTIAL, userblock_size=512)
with h5py.File("weights.h5", "w") as file:
    file.create_dataset("layers/dense/vars/0", data=numpy.zeros(4, "float32"), compression="gzip")
with h5py.File("pickled.h5", "w") as file:
    file.create_group("table").attrs["object"] = numpy.void(b"\x80\x04)\x94.")
with h5py.File("link.h5", "w") as file:
    file["x"] = h5py.ExternalLink("/etc/hostname", "/x")
with h5py.File("external.h5", "w") as file:
    file.create_dataset("x", shape=(4,), dtype="uint8", external=[("/etc/hostname", 0, 4)])
with h5py.File("virtual.h5", "w") as file:
    layout = h5py.VirtualLayout(shape=(4,), dtype="uint8")
    layout[:] = h5py.VirtualSource("/etc/hostname", "x", shape=(4,))
    file.create_virtual_dataset("x", layout)
