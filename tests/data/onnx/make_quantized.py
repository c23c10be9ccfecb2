"""Quantized models from the files beside it, by ONNX Runtime's own tools: QDQ, operators on whole numbers, and dynamic."""
import logging
import os
import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, quantize_dynamic, quantize_static

FOLDER = os.path.dirname(os.path.abspath(__file__))
logging.disable(logging.WARNING)


class Tests(CalibrationDataReader):
    def __init__(self, value, seed=1):
        shape = [d.dim_value or 4 for d in value.type.tensor_type.shape.dim]
        rng = np.random.default_rng(seed)
        self.batches = iter([{value.name: rng.random(shape, dtype=np.float32)} for _ in range(4)])

    def get_next(self):
        return next(self.batches, None)


for name, form in (("torch_cnn", "qdq"), ("keras_mlp", "qdq"), ("torch_mlp", "operators"), ("keras_mlp", "dynamic")):
    source, target = os.path.join(FOLDER, name + ".onnx"), os.path.join(FOLDER, f"quantized_{name}_{form}.onnx")
    if form == "dynamic":
        quantize_dynamic(source, target)
    else:
        quantize_static(source, target, Tests(onnx.load(source).graph.input[0]), per_channel=form == "qdq",
                        quant_format=QuantFormat.QDQ if form == "qdq" else QuantFormat.QOperator)
