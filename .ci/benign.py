"""Makes the files and folders of testdata/scan/benign with the libraries that are importable: `benign.py FOLDER`.

Small models, fixed seeds. Files lie in FOLDER/files, folders as hubs and tools keep them in FOLDER/layouts. What a
library that is not there would make is left out, and said on stderr.
"""

import gzip
import importlib.metadata
import json
import os
import pickle
import random
import sys
from collections import Counter, OrderedDict, defaultdict, deque
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

MAKERS = []


def maker(*modules):
    def add(function):
        MAKERS.append((modules, function))
        return function

    return add


def layout(root, name):
    folder = root / "layouts" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README.md").write_text(f"---\nlicense: apache-2.0\n---\n# {name}\n\nMade by .ci/benign; of no use.\n")
    return folder


def data():
    import numpy

    numbers = numpy.random.default_rng(0)
    x = numbers.normal(size=(60, 4))
    return x, (x[:, 0] > 0).astype(int), x[:, 0] + x[:, 1]


@maker()
def python(root, files):
    values = {
        "numbers": [1, -1, 2**70, 1.5, 1j, Decimal("1.5"), Fraction(1, 3)],
        "texts": ["a", "naïve", "x" * 300, b"bytes", bytearray(b"array")],
        "collections": [OrderedDict(a=1), Counter("abc"), defaultdict(list, a=[1]), deque([1, 2]), {1, 2}, frozenset({3})],
        "times": [date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=timezone.utc), timedelta(1)],
        "slices": [range(3), slice(1, 2), None, True, ...],
    }
    for protocol in range(6):
        (files / f"python-{protocol}.pkl").write_bytes(pickle.dumps(values, protocol))
    with gzip.GzipFile(files / "python.pkl.gz", "wb", mtime=0) as file:
        pickle.dump(values, file)


@maker("numpy")
def arrays(root, files):
    import numpy

    series = f"numpy-{numpy.__version__[0]}"
    record = numpy.array([(1, 2.0, "a")], dtype=[("a", "<i4"), ("b", "<f8"), ("c", "<U3")])
    several = {"f": numpy.arange(6, dtype="<f4").reshape(2, 3), "i": numpy.arange(3), "b": numpy.array([True]),
               "r": record, "u": numpy.array(["a", "bc"]), "t": numpy.array(["2026-01-01"], "datetime64[D]")}
    for protocol in (2, 3, 4, 5):
        (files / f"{series}-{protocol}.pkl").write_bytes(pickle.dumps(several, protocol))
    values = [numpy.float64(1), numpy.int32(2), numpy.bool_(True), numpy.str_("a"), numpy.dtype("f4")]
    (files / f"{series}-scalars.pkl").write_bytes(pickle.dumps(values))
    (files / f"{series}-objects.pkl").write_bytes(pickle.dumps(numpy.array(["a", None, {"b": 1}], dtype=object)))
    (files / f"{series}-random.pkl").write_bytes(pickle.dumps(numpy.random.RandomState(0).get_state()))
    (files / f"{series}-fortran.pkl").write_bytes(pickle.dumps(numpy.asfortranarray(several["f"]), 4))
    numpy.save(files / f"{series}.npy", several["f"])
    numpy.save(files / f"{series}-record.npy", record)
    numpy.save(files / f"{series}-fortran.npy", numpy.asfortranarray(several["f"]))
    numpy.savez(files / f"{series}.npz", **several)
    numpy.savez_compressed(files / f"{series}-compressed.npz", **several)


def estimators():
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.cluster import DBSCAN, KMeans
    from sklearn.compose import ColumnTransformer
    from sklearn.decomposition import PCA, TruncatedSVD
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.ensemble import (AdaBoostClassifier, BaggingClassifier, ExtraTreesClassifier, GradientBoostingClassifier,
                                  HistGradientBoostingClassifier, IsolationForest, RandomForestClassifier, StackingClassifier,
                                  VotingClassifier)
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.impute import SimpleImputer
    from sklearn.isotonic import IsotonicRegression
    from sklearn.linear_model import (ElasticNet, Lasso, LinearRegression, LogisticRegression, Ridge, RidgeCV, SGDClassifier)
    from sklearn.mixture import GaussianMixture
    from sklearn.model_selection import GridSearchCV
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.naive_bayes import GaussianNB
    from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import FeatureUnion, make_pipeline
    from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, PolynomialFeatures, QuantileTransformer, StandardScaler
    from sklearn.svm import SVC, LinearSVC
    from sklearn.tree import DecisionTreeClassifier

    few = {"n_estimators": 2, "random_state": 0}
    logistic = LogisticRegression
    return {
        "ada-boost": AdaBoostClassifier(**few), "bagging": BaggingClassifier(**few), "calibrated": CalibratedClassifierCV(logistic(), cv=2),
        "columns": make_pipeline(ColumnTransformer([("s", StandardScaler(), [0, 1]), ("p", "passthrough", [2])]), logistic()),
        "dbscan": DBSCAN(), "elastic-net": ElasticNet(), "extra-trees": ExtraTreesClassifier(max_depth=3, **few),
        "forest": RandomForestClassifier(max_depth=3, **few), "gaussian-mixture": GaussianMixture(2, random_state=0),
        "gaussian-naive-bayes": GaussianNB(), "gaussian-process": GaussianProcessRegressor(),
        "gradient-boosting": GradientBoostingClassifier(max_depth=2, **few),
        "grid-search": GridSearchCV(logistic(), {"C": [0.1, 1.0]}, cv=2),
        "histogram-boosting": HistGradientBoostingClassifier(max_iter=2, max_depth=2, random_state=0),
        "isolation-forest": IsolationForest(max_samples=8, **few), "isotonic": make_pipeline(PCA(1), IsotonicRegression()),
        "k-means": KMeans(2, n_init=1, random_state=0), "lasso": Lasso(), "lda": LinearDiscriminantAnalysis(),
        "linear": LinearRegression(), "linear-svc": LinearSVC(), "logistic": logistic(), "mlp": MLPClassifier((4,), max_iter=5, random_state=0),
        "nearest": NearestNeighbors(), "neighbours": KNeighborsClassifier(2), "one-versus-rest": OneVsRestClassifier(logistic()),
        "pca": PCA(2), "pipeline": make_pipeline(SimpleImputer(), StandardScaler(), logistic()),
        "preprocessing": make_pipeline(FeatureUnion([("m", MinMaxScaler()), ("q", QuantileTransformer(n_quantiles=5))]), PolynomialFeatures(), Ridge()),
        "one-hot": make_pipeline(OneHotEncoder(handle_unknown="ignore"), TruncatedSVD(2)), "ridge-cv": RidgeCV(),
        "sgd": SGDClassifier(max_iter=5, random_state=0), "stacking": StackingClassifier([("a", logistic()), ("b", GaussianNB())], cv=2),
        "svc": SVC(), "tree": DecisionTreeClassifier(max_depth=3, random_state=0), "voting": VotingClassifier([("a", logistic()), ("b", GaussianNB())]),
    }


@maker("sklearn", "joblib")
def scikit_learn(root, files):
    import joblib
    import warnings
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
    from sklearn.preprocessing import LabelEncoder

    warnings.simplefilter("ignore")
    x, classes, values = data()
    for index, (name, model) in enumerate(estimators().items()):
        regression = any(word in type(model).__name__ for word in ("Regress", "Lasso", "Elastic", "Ridge", "Pipeline")) and name not in ("logistic", "columns", "pipeline")
        model.fit(x[:, :1] if name == "isotonic" else x, values if regression else classes)
        (files / f"sklearn-{name}.pkl").write_bytes(pickle.dumps(model, 2 + index % 4))
        joblib.dump(model, files / f"sklearn-{name}.joblib", compress=[0, 3, ("gzip", 3), ("bz2", 3), ("xz", 3), ("lzma", 3)][index % 6])
    texts = ["one two", "two three", "three four"]
    for name, model in {"tfidf": TfidfVectorizer(), "count": CountVectorizer()}.items():
        (files / f"sklearn-{name}.pkl").write_bytes(pickle.dumps(model.fit(texts)))
        joblib.dump(model, files / f"sklearn-{name}.joblib")
    joblib.dump(LabelEncoder().fit(["b", "a"]), files / "sklearn-labels.joblib")
    joblib.dump({"a": x, "f": x.T, "list": [x[:2], "text"]}, files / "joblib-arrays.joblib")
    joblib.dump(x, files / "joblib-array.joblib")

    model = estimators()["pipeline"].fit(x, classes)
    folder = layout(root, "scikit-learn-pickle")
    (folder / "model.pkl").write_bytes(pickle.dumps(model))
    (folder / "requirements.txt").write_text("scikit-learn\n")
    folder = layout(root, "scikit-learn-joblib")
    joblib.dump(estimators()["forest"].fit(x, classes), folder / "model.joblib")
    joblib.dump(LabelEncoder().fit(["b", "a"]), folder / "labels.joblib")
    (folder / "config.json").write_text(json.dumps({"sklearn": {"columns": ["a", "b"], "environment": ["scikit-learn"]}}))
    (folder / "data.csv").write_text("a,b\n1,2\n")


@maker("sklearn", "cloudpickle")
def mlflow(root, files):
    import cloudpickle

    x, classes, _ = data()
    folder = layout(root, "mlflow")
    (folder / "model.pkl").write_bytes(cloudpickle.dumps(estimators()["logistic"].fit(x, classes)))
    (folder / "MLmodel").write_text(
        "artifact_path: model\nflavors:\n  python_function:\n    env:\n      conda: conda.yaml\n      virtualenv: python_env.yaml\n"
        "    loader_module: mlflow.sklearn\n    model_path: model.pkl\n    python_version: 3.11.7\n  sklearn:\n    code: null\n"
        "    pickled_model: model.pkl\n    serialization_format: cloudpickle\n    sklearn_version: 1.9.1\nmlflow_version: 3.5.0\n")
    (folder / "conda.yaml").write_text("channels:\n- conda-forge\ndependencies:\n- python=3.11.7\n- pip:\n  - mlflow==3.5.0\n")
    (folder / "python_env.yaml").write_text("python: 3.11.7\ndependencies:\n- -r requirements.txt\n")
    (folder / "requirements.txt").write_text("mlflow==3.5.0\nscikit-learn==1.9.1\n")


@maker("sklearn", "skops")
def skops(root, files):
    import skops.io

    x, classes, _ = data()
    skops.io.dump(estimators()["pipeline"].fit(x, classes), files / "skops-pipeline.skops")
    folder = layout(root, "scikit-learn-skops")
    skops.io.dump(estimators()["logistic"].fit(x, classes), folder / "model.skops")
    (folder / "config.json").write_text(json.dumps({"sklearn": {"model": {"file": "model.skops"}}}))


@maker("pandas")
def pandas(root, files):
    import pandas as pd

    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"], "c": [0.5, None]})
    (files / "pandas-frame.pkl").write_bytes(pickle.dumps(frame))
    (files / "pandas-series.pkl").write_bytes(pickle.dumps(pd.Series([1.0, 2.0])))


@maker("xgboost")
def xgboost(root, files):
    import xgboost as xgb

    x, classes, _ = data()
    model = xgb.XGBClassifier(n_estimators=2, max_depth=2).fit(x, classes)
    model.save_model(files / "xgboost.json")
    model.save_model(files / "xgboost.ubj")
    (files / "xgboost.pkl").write_bytes(pickle.dumps(model))
    (files / "xgboost-booster.pkl").write_bytes(pickle.dumps(model.get_booster()))
    folder = layout(root, "xgboost")
    model.save_model(folder / "model.ubj")
    model.save_model(folder / "model.json")


@maker("lightgbm")
def lightgbm(root, files):
    import lightgbm as lgb

    x, classes, _ = data()
    model = lgb.LGBMClassifier(n_estimators=2, max_depth=2, verbose=-1).fit(x, classes)
    model.booster_.save_model(files / "lightgbm.txt")
    (files / "lightgbm.pkl").write_bytes(pickle.dumps(model))
    (files / "lightgbm-booster.pkl").write_bytes(pickle.dumps(model.booster_))


@maker("safetensors", "numpy")
def safetensors(root, files):
    import numpy
    from safetensors.numpy import save_file

    tensors = {"a": numpy.zeros((2, 3), "f4"), "b": numpy.zeros(0, "f2"), "c": numpy.zeros((), "i8")}
    save_file(tensors, files / "safetensors.safetensors", {"format": "np"})
    save_file(tensors, files / "safetensors-plain.safetensors")


@maker("gguf")
def gguf(root, files):
    import gguf as library
    import numpy

    def write(path):
        writer = library.GGUFWriter(path, "llama")
        writer.add_name("small")
        writer.add_context_length(16)
        writer.add_tokenizer_model("llama")
        writer.add_token_list(["<s>", "</s>", "a"])
        writer.add_token_scores([0.0, 0.0, 0.0])
        writer.add_chat_template("{% for m in messages %}{{ m['role'] + ': ' + m['content'] }}{% endfor %}")
        writer.add_tensor("token_embd.weight", numpy.zeros((3, 32), "f4"))
        writer.add_tensor("output.weight", numpy.zeros((3, 32), "f2"))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()

    write(files / "gguf.gguf")
    folder = layout(root, "hugging-face-gguf")
    write(folder / "model-F16.gguf")


def onnx_model():
    import numpy
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    weights = numpy_helper.from_array(numpy.zeros((4, 2), "f4"), "w")
    nodes = [helper.make_node("MatMul", ["x", "w"], ["h"]), helper.make_node("Relu", ["h"], ["y"])]
    value = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    graph = helper.make_graph(nodes, "graph", [value("x", [1, 4])], [value("y", [1, 2])], [weights])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])


@maker("onnx", "numpy")
def onnx(root, files):
    import onnx as library

    library.save(onnx_model(), files / "onnx.onnx")
    folder = layout(root, "onnx-external-data")
    library.save(onnx_model(), folder / "model.onnx", save_as_external_data=True, location="model.onnx.data", size_threshold=0)
    (folder / "config.json").write_text(json.dumps({"model_type": "bert"}))


@maker("skl2onnx", "sklearn")
def onnx_of_scikit_learn(root, files):
    from skl2onnx import to_onnx

    x, classes, _ = data()
    for name in ("forest", "logistic", "pipeline", "svc"):
        model = to_onnx(estimators()[name].fit(x, classes), x[:1].astype("f4"))
        (files / f"onnx-{name}.onnx").write_bytes(model.SerializeToString())


@maker("tokenizers")
def tokenizers(root, files):
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.train_from_iterator(["one two three"] * 3, trainers.BpeTrainer(special_tokens=["[UNK]"], vocab_size=50))
    tokenizer.save(str(files / "tokenizer.json"))


@maker("tensorflow", "keras", "h5py")
def keras(root, files):
    import keras as library

    library.utils.set_random_seed(0)
    layers = library.layers
    dense = library.Sequential([layers.Input((4,)), layers.Dense(2, activation="relu"), layers.Dropout(0.1), layers.Dense(1)])
    inputs = library.Input((8, 8, 1))
    hidden = layers.Flatten()(layers.MaxPooling2D()(layers.BatchNormalization()(layers.Conv2D(2, 3, activation="relu")(inputs))))
    functional = library.Model(inputs, layers.Dense(2, activation="softmax", kernel_regularizer="l2")(hidden))
    tokens = library.Input((4,))
    recurrent = library.Model(tokens, layers.Dense(1)(layers.Bidirectional(layers.LSTM(2))(layers.Embedding(5, 2)(tokens))))
    for name, model in {"dense": dense, "convolution": functional, "recurrent": recurrent}.items():
        model.compile(optimizer="adam", loss="mse", metrics=["mae"])
        model.save(files / f"keras-{name}.keras")
        model.save(files / f"keras-{name}.h5")
    dense.save_weights(files / "keras-dense.weights.h5")
    (files / "keras-dense.json").write_text(dense.to_json())
    folder = layout(root, "keras")
    dense.save(folder / "model.keras")
    (folder / "labels.txt").write_text("a\nb\n")
    (folder / "metadata.json").write_text("{}\n")


@maker("tensorflow")
def tensorflow(root, files):
    import tensorflow as tf

    tf.random.set_seed(0)

    class Model(tf.Module):
        def __init__(self):
            self.weights = tf.Variable(tf.zeros((4, 2)), name="weights")

        @tf.function(input_signature=[tf.TensorSpec((None, 4), tf.float32)])
        def __call__(self, x):
            return tf.nn.relu(tf.matmul(x, self.weights))

    folder = layout(root, "tensorflow-saved-model")
    model = Model()
    tf.saved_model.save(model, folder, signatures=model.__call__)
    converted = tf.lite.TFLiteConverter.from_concrete_functions([model.__call__.get_concrete_function()], model).convert()
    (files / "tensorflow.tflite").write_bytes(converted)


@maker("torch")
def torch(root, files):
    import torch as library

    library.manual_seed(0)
    nn = library.nn
    version = "old" if library.__version__.startswith("1.") else "new"
    model = nn.Sequential(nn.Linear(4, 2), nn.ReLU(), nn.Linear(2, 1))
    optimizer = library.optim.AdamW(model.parameters())
    model(library.zeros(1, 4)).sum().backward()
    optimizer.step()
    checkpoint = {"epoch": 1, "loss": 0.5, "model": model.state_dict(), "optimizer": optimizer.state_dict(), "arguments": {"lr": 0.1}}
    types = [library.float16, library.bfloat16, library.float64, library.int8, library.uint8, library.int64, library.bool, library.complex64]
    values = {
        "state": model.state_dict(),
        "checkpoint": checkpoint,
        "tensor": library.zeros(2, 3),
        "types": {str(kind): library.zeros(2, dtype=kind) for kind in types},
        "parameter": nn.Parameter(library.zeros(2)),
        "sparse": library.eye(2).to_sparse(),
        "shared": {"a": model[0].weight, "b": model[0].weight.t()},
        "size": {"size": library.Size([1, 2]), "type": library.float32, "device": library.device("cpu")},
        "batch-norm": nn.BatchNorm2d(2).state_dict(),
        "module": nn.Sequential(nn.Linear(4, 2), nn.ReLU()),
    }
    for name, value in values.items():
        library.save(value, files / f"torch-{version}-{name}.pt")
        library.save(value, files / f"torch-{version}-{name}-legacy.pt", _use_new_zipfile_serialization=False)
    (files / f"torch-{version}-tensor.pkl").write_bytes(pickle.dumps(model.state_dict()))
    folder = layout(root, f"torch-training-{version}")
    library.save(checkpoint, folder / "checkpoint.ckpt")
    library.save(model.state_dict(), folder / "model.pth")
    (folder / "log.txt").write_text("epoch 1\n")


@maker("torch", "transformers", "safetensors", "tokenizers")
def transformers(root, files):
    import numpy
    import torch as library
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import BertConfig, BertModel, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    library.manual_seed(0)
    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.train_from_iterator(["one two three"] * 3, trainers.BpeTrainer(special_tokens=["[UNK]"], vocab_size=50))
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[UNK]")
    sizes = {"vocab_size": 32, "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8,
             "max_position_embeddings": 16}
    bert = BertModel(BertConfig(**sizes))

    folder = layout(root, "hugging-face-bert")
    bert.save_pretrained(folder)
    fast.save_pretrained(folder)

    folder = layout(root, "hugging-face-chat")
    fast.chat_template = (
        "{%- if messages[0]['role'] == 'system' -%}{%- set system = messages[0]['content'] -%}{%- set messages = messages[1:] -%}{%- endif -%}"
        "{%- for message in messages -%}<|{{ message['role'] }}|>{{ message['content'] | trim }}{{ eos_token }}{%- endfor -%}"
        "{%- if add_generation_prompt -%}<|assistant|>{%- endif -%}")
    LlamaForCausalLM(LlamaConfig(**sizes)).save_pretrained(folder, max_shard_size="4KB")
    fast.save_pretrained(folder)

    folder = layout(root, "hugging-face-bin")
    library.save(bert.state_dict(), folder / "pytorch_model.bin")
    bert.config.save_pretrained(folder)
    (folder / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\nc\ncos\nsystem\n.\n")

    folder = layout(root, "hugging-face-trainer")
    optimizer = library.optim.AdamW(bert.parameters())
    scheduler = library.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1.0)
    bert(library.zeros(1, 2, dtype=library.long)).pooler_output.sum().backward()
    optimizer.step()
    bert.save_pretrained(folder)
    library.save(optimizer.state_dict(), folder / "optimizer.pt")
    library.save(scheduler.state_dict(), folder / "scheduler.pt")
    state = {"python": random.Random(0).getstate(), "numpy": numpy.random.RandomState(0).get_state(), "cpu": library.random.get_rng_state()}
    library.save(state, folder / "rng_state.pth")
    (folder / "trainer_state.json").write_text(json.dumps({"global_step": 1, "log_history": []}))


@maker("safetensors", "numpy")
def by_hand(root, files):
    """Layouts whose libraries are large and whose folders are text and safetensors."""
    import numpy
    from safetensors.numpy import save_file

    weights = {"w": numpy.zeros((2, 2), "f4")}
    folder = layout(root, "diffusers")
    parts = {"unet": ["diffusers", "UNet2DConditionModel"], "text_encoder": ["transformers", "CLIPTextModel"],
             "tokenizer": ["transformers", "CLIPTokenizer"], "scheduler": ["diffusers", "DDIMScheduler"], "safety_checker": [None, None]}
    (folder / "model_index.json").write_text(json.dumps({"_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.35.0", **parts}))
    for part, (_, name) in parts.items():
        if name:
            (folder / part).mkdir(exist_ok=True)
            (folder / part / "config.json").write_text(json.dumps({"_class_name": name}))
    save_file(weights, folder / "unet/diffusion_pytorch_model.safetensors", {"format": "pt"})
    (folder / "tokenizer/merges.txt").write_text("#version: 0.2\na b\n")
    folder = layout(root, "sentence-transformers")
    (folder / "1_Pooling").mkdir(exist_ok=True)
    (folder / "1_Pooling/config.json").write_text(json.dumps({"word_embedding_dimension": 8, "pooling_mode_mean_tokens": True}))
    kinds = ["Transformer", "Pooling", "Normalize"]
    modules = [{"idx": i, "name": str(i), "path": "" if i == 0 else f"{i}_{kind}", "type": f"sentence_transformers.models.{kind}"} for i, kind in enumerate(kinds)]
    (folder / "modules.json").write_text(json.dumps(modules, indent=2))
    (folder / "config_sentence_transformers.json").write_text(json.dumps({"prompts": {}, "similarity_fn_name": "cosine"}))
    (folder / "config.json").write_text(json.dumps({"model_type": "bert", "architectures": ["BertModel"]}))
    save_file(weights, folder / "model.safetensors", {"format": "pt"})


def version_of(module, name):
    try:
        return importlib.metadata.version({"sklearn": "scikit-learn"}.get(name, name))
    except importlib.metadata.PackageNotFoundError:
        return module.__version__


def main():
    root = Path(sys.argv[1])
    files = root / "files"
    files.mkdir(parents=True, exist_ok=True)
    versions = {}
    for modules, function in MAKERS:
        try:
            for name in modules:
                versions[name] = version_of(importlib.import_module(name), name)
        except ImportError as error:
            print(f"NOTICE: {function.__name__} is left out: {error}", file=sys.stderr)
            continue
        random.seed(0)
        function(root, files)
    for name, version in sorted(versions.items()):
        print(f"{name} {version}")


main()
