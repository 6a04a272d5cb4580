"""Makes small files of weights with the libraries that write them, and expected.json with what the same libraries read.

    python testdata/weights/make.py FOLDER

needs safetensors, numpy, onnx, scikit-learn, joblib, gguf, h5py and tflite. Files and facts are the same at each run with the same
versions of the libraries, but for joblib's.
"""

import hashlib
import json
import pickletools
import sys
from pathlib import Path

import flatbuffers
import gguf
import h5py
import joblib
import numpy as np
import onnx
import safetensors
import sklearn
import tflite
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file
from sklearn.linear_model import LogisticRegression

FOLDER = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
FOLDER.mkdir(parents=True, exist_ok=True)
EXPECTED = {}
TEMPLATE = "{% for message in messages %}{{ message.content }}{% endfor %}"


def numbers(*shape, dtype=np.float32):
    return np.arange(int(np.prod(shape)), dtype=np.float64).reshape(shape).astype(dtype)


def make_safetensors():
    shards = {
        "model-00001-of-00002.safetensors": {
            "embed.weight": numbers(10, 4),
            "layer.0.weight": numbers(4, 4, dtype=np.float16),
        },
        "model-00002-of-00002.safetensors": {"head.weight": numbers(3, 4), "steps": numbers(1, dtype=np.int64)},
    }
    for name, tensors in shards.items():
        save_file(tensors, FOLDER / name, metadata={"format": "pt"})
    index = {
        "metadata": {"total_size": sum(t.nbytes for s in shards.values() for t in s.values())},
        "weight_map": {tensor: name for name, tensors in shards.items() for tensor in tensors},
    }
    (FOLDER / "model.safetensors.index.json").write_text(json.dumps(index, indent=1) + "\n")
    for name in shards:
        elements, largest = {}, (0, None)
        with safetensors.safe_open(FOLDER / name, "np") as file:
            for key in file.keys():
                part = file.get_slice(key)
                count = int(np.prod(part.get_shape()))
                elements[part.get_dtype()] = elements.get(part.get_dtype(), 0) + count
                largest = max(largest, (count, [key, part.get_shape()]))
            EXPECTED[name] = {
                "format": "safetensors",
                "tensors": len(list(file.keys())),
                "elements": elements,
                "largest": largest[1],
                "metadata": file.metadata(),
            }


def make_gguf():
    path = FOLDER / "tiny.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_context_length(2048)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_chat_template(TEMPLATE)
    writer.add_tensor("token_embd.weight", numbers(8, 32))
    quantised = gguf.quants.quantize(numbers(4, 64), gguf.GGMLQuantizationType.Q8_0)
    writer.add_tensor("blk.0.attn_q.weight", quantised, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    reader = gguf.GGUFReader(path)
    text = lambda key: bytes(reader.fields[key].parts[-1]).decode()
    number = lambda key: int(reader.fields[key].parts[-1][0])
    elements = {}
    for tensor in reader.tensors:
        elements[tensor.tensor_type.name] = elements.get(tensor.tensor_type.name, 0) + int(tensor.n_elements)
    architecture = text("general.architecture")
    EXPECTED[path.name] = {
        "format": "gguf",
        "version": str(number("GGUF.version")),
        "tensors": len(reader.tensors),
        "elements": elements,
        "architecture": architecture,
        "context_length": number(f"{architecture}.context_length"),
        "quantisation": gguf.LlamaFileType(number("general.file_type")).name.removeprefix("MOSTLY_"),
        "chat_template": hashlib.sha256(text("tokenizer.chat_template").encode()).hexdigest(),
    }


WORDS = {"FLOAT": "F32", "INT64": "I64", "FLOAT16": "F16"}


def value(info):
    tensor = info.type.tensor_type
    sides = [side.dim_param or str(side.dim_value) for side in tensor.shape.dim]
    return f"{info.name}: {WORDS[TensorProto.DataType.Name(tensor.elem_type)]} [{', '.join(sides)}]"


def make_onnx():
    weights = [
        numpy_helper.from_array(numbers(6, 3), "w"),
        numpy_helper.from_array(numbers(3), "b"),
        numpy_helper.from_array(np.array([-1, 3], dtype=np.int64), "shape"),
    ]
    nodes = [helper.make_node("Gemm", ["x", "w", "b"], ["y"]), helper.make_node("Reshape", ["y", "shape"], ["z"])]
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 6])]
    outputs = [helper.make_tensor_value_info("z", TensorProto.FLOAT, ["batch", 3])]
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, weights)
    opsets = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, producer_name="make", producer_version="1", opset_imports=opsets, ir_version=9)
    for external, name in [(False, "tiny.onnx"), (True, "external.onnx")]:
        options = {"location": "external.data", "size_threshold": 0} if external else {}
        onnx.save(model, FOLDER / name, save_as_external_data=external, **options)
        read = onnx.load(FOLDER / name, load_external_data=False)
        elements = {}
        for tensor in read.graph.initializer:
            word = WORDS[TensorProto.DataType.Name(tensor.data_type)]
            elements[word] = elements.get(word, 0) + int(np.prod(tensor.dims))
        locations = {e.value for t in read.graph.initializer for e in t.external_data if e.key == "location"}
        EXPECTED[name] = {
            "format": "onnx",
            "version": str(read.ir_version),
            "tensors": len(read.graph.initializer),
            "elements": elements,
            "producer": f"{read.producer_name} {read.producer_version}",
            "inputs": [value(info) for info in read.graph.input],
            "outputs": [value(info) for info in read.graph.output],
            "external": sorted(locations),
        }


def make_pickle():
    model = LogisticRegression().fit(numbers(6, 2), [0, 1, 0, 1, 0, 1])
    path = FOLDER / "tiny.joblib"
    joblib.dump(model, path)
    protocol = next(argument for code, argument, _ in pickletools.genops(path.read_bytes()) if code.name == "PROTO")
    read = joblib.load(path)
    EXPECTED[path.name] = {
        "format": "pickle",
        "version": str(protocol),
        "architecture": f"{type(read).__module__}.{type(read).__qualname__}",
        "producer": f"scikit-learn {read.__getstate__()['_sklearn_version']}",
    }


def make_numpy():
    np.save(FOLDER / "tiny.npy", numbers(3, 5))
    np.savez(FOLDER / "tiny.npz", a=numbers(3, 5), b=numbers(2, dtype=np.int64))
    with open(FOLDER / "tiny.npy", "rb") as file:
        version = np.lib.format.read_magic(file)
    read = np.load(FOLDER / "tiny.npy", mmap_mode="r")
    EXPECTED["tiny.npy"] = {
        "format": "npy",
        "version": ".".join(map(str, version)),
        "tensors": 1,
        "elements": {read.dtype.str: read.size},
    }
    arrays = np.load(FOLDER / "tiny.npz")
    EXPECTED["tiny.npz"] = {
        "format": "npz",
        "tensors": len(arrays.files),
        "elements": {arrays[name].dtype.str: arrays[name].size for name in arrays.files},
    }


def make_hdf5():
    path = FOLDER / "tiny.h5"
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = "2.15.0"
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": {}})
        file.create_dataset("layer/kernel", data=numbers(4, 3))
        file.create_dataset("layer/bias", data=numbers(3))
    elements = {}

    def add(_, item):
        if isinstance(item, h5py.Dataset):
            word = f"F{item.dtype.itemsize * 8}"
            elements[word] = elements.get(word, 0) + int(item.size)

    with h5py.File(path) as file:
        file.visititems(add)
        EXPECTED[path.name] = {
            "format": "hdf5",
            "tensors": 2,
            "elements": elements,
            "architecture": json.loads(file.attrs["model_config"])["class_name"],
            "producer": f"keras {file.attrs['keras_version']}",
        }


def vector(builder, start, items, prepend):
    start(builder, len(items))
    for item in reversed(items):
        prepend(builder, item)
    return builder.EndVector()


def make_tflite():
    path = FOLDER / "tiny.tflite"
    builder = flatbuffers.Builder()
    offsets, whole = flatbuffers.Builder.PrependUOffsetTRelative, flatbuffers.Builder.PrependInt32
    buffers = []
    for data in [None, numbers(3, 4).tobytes(), numbers(3, dtype=np.int32).tobytes()]:
        content = builder.CreateByteVector(data) if data else None
        tflite.BufferStart(builder)
        if content:
            tflite.BufferAddData(builder, content)
        buffers.append(tflite.BufferEnd(builder))
    kinds = [
        ("x", [-1, 4], tflite.TensorType.FLOAT32, 0),
        ("weight", [3, 4], tflite.TensorType.FLOAT32, 1),
        ("bias", [3], tflite.TensorType.INT32, 2),
        ("y", [-1, 3], tflite.TensorType.FLOAT32, 0),
    ]
    tensors = []
    for name, shape, kind, buffer in kinds:
        name, shape = builder.CreateString(name), vector(builder, tflite.TensorStartShapeVector, shape, whole)
        tflite.TensorStart(builder)
        tflite.TensorAddShape(builder, shape)
        tflite.TensorAddType(builder, kind)
        tflite.TensorAddBuffer(builder, buffer)
        tflite.TensorAddName(builder, name)
        tensors.append(tflite.TensorEnd(builder))
    tensors = vector(builder, tflite.SubGraphStartTensorsVector, tensors, offsets)
    inputs = vector(builder, tflite.SubGraphStartInputsVector, [0], whole)
    outputs = vector(builder, tflite.SubGraphStartOutputsVector, [3], whole)
    tflite.SubGraphStart(builder)
    tflite.SubGraphAddTensors(builder, tensors)
    tflite.SubGraphAddInputs(builder, inputs)
    tflite.SubGraphAddOutputs(builder, outputs)
    graphs = vector(builder, tflite.ModelStartSubgraphsVector, [tflite.SubGraphEnd(builder)], offsets)
    tflite.OperatorCodeStart(builder)
    tflite.OperatorCodeAddBuiltinCode(builder, tflite.BuiltinOperator.FULLY_CONNECTED)
    codes = vector(builder, tflite.ModelStartOperatorCodesVector, [tflite.OperatorCodeEnd(builder)], offsets)
    buffers = vector(builder, tflite.ModelStartBuffersVector, buffers, offsets)
    description = builder.CreateString("tiny")
    tflite.ModelStart(builder)
    tflite.ModelAddVersion(builder, 3)
    tflite.ModelAddOperatorCodes(builder, codes)
    tflite.ModelAddSubgraphs(builder, graphs)
    tflite.ModelAddDescription(builder, description)
    tflite.ModelAddBuffers(builder, buffers)
    builder.Finish(tflite.ModelEnd(builder), file_identifier=b"TFL3")
    path.write_bytes(bytes(builder.Output()))

    model = tflite.Model.GetRootAsModel(path.read_bytes(), 0)
    graph = model.Subgraphs(0)
    words = {tflite.TensorType.FLOAT32: "F32", tflite.TensorType.INT32: "I32"}
    filled, elements, largest = 0, {}, (0, None)
    for index in range(graph.TensorsLength()):
        tensor = graph.Tensors(index)
        if model.Buffers(tensor.Buffer()).DataLength():
            filled += 1
            count = int(np.prod(tensor.ShapeAsNumpy()))
            elements[words[tensor.Type()]] = elements.get(words[tensor.Type()], 0) + count
            largest = max(largest, (count, [tensor.Name().decode(), tensor.ShapeAsNumpy().tolist()]))

    def port(index):
        tensor = graph.Tensors(index)
        return f"{tensor.Name().decode()}: {words[tensor.Type()]} {tensor.ShapeAsNumpy().tolist()}"

    EXPECTED[path.name] = {
        "format": "tflite",
        "version": str(model.Version()),
        "tensors": filled,
        "elements": elements,
        "largest": largest[1],
        "inputs": [port(index) for index in graph.InputsAsNumpy()],
        "outputs": [port(index) for index in graph.OutputsAsNumpy()],
        "metadata": {"description": model.Description().decode()},
    }


for make in [make_safetensors, make_gguf, make_onnx, make_pickle, make_numpy, make_hdf5, make_tflite]:
    make()
versions = {
    "safetensors": safetensors.__version__,
    "gguf": __import__("importlib.metadata").metadata.version("gguf"),
    "onnx": onnx.__version__,
    "scikit-learn": sklearn.__version__,
    "joblib": joblib.__version__,
    "numpy": np.__version__,
    "h5py": h5py.__version__,
    "tflite": __import__("importlib.metadata").metadata.version("tflite"),
}
result = {"versions": versions, "files": EXPECTED}
(FOLDER / "expected.json").write_text(json.dumps(result, indent=1, sort_keys=True) + "\n")
