"""Makes sklearn_mlp.onnx with skl2onnx: a scaler and a small network, the label as first output: python make_sklearn.py"""
import os

import numpy as np
from skl2onnx import to_onnx
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

rng = np.random.default_rng(0)
x = rng.normal(size=(200, 6)).astype(np.float32)
y = (x[:, 0] > 0).astype(int) + (x[:, 1] > 0)
model = make_pipeline(StandardScaler(), MLPClassifier((8, 5), max_iter=300, random_state=0)).fit(x, y)
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sklearn_mlp.onnx")
with open(path, "wb") as f:
    f.write(to_onnx(model, x[:1], options={"zipmap": False}, target_opset=17).SerializeToString())
