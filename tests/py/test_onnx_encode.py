"""What encode.c writes, read by the onnx package and run by ONNX Runtime."""
import os
import subprocess
import tempfile

import numpy as np
import onnx
import onnxruntime as ort

KERNEL = np.array([[1, -2], [0.5, 3], [0, -1.25]], np.float32)
BIAS = np.array([0.25, -0.5], np.float32)


def expected(x):
    z = x.astype(np.float64) @ KERNEL + BIAS
    hidden = np.where(z > 0, z, 0.125 * z)
    e = np.exp(hidden - hidden.max(axis=1, keepdims=True))
    return hidden, e / e.sum(axis=1, keepdims=True)


def main():
    tool = os.path.join(os.environ["DLGUIDER_BUILD"], "tests", "test_onnx_encode")
    x = np.random.default_rng(1).normal(size=(7, 3)).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([tool, folder], check=True)
        for name in ("mlp.onnx", "probed.onnx"):
            data = open(os.path.join(folder, name), "rb").read()
            model = onnx.load_from_string(data)
            onnx.checker.check_model(model, full_check=True)
            assert model.ir_version == 8 and [(o.domain, o.version) for o in model.opset_import] == [("", 17)]
            assert model.graph.name == "dlguider"
            got = {t.name: onnx.numpy_helper.to_array(t) for t in model.graph.initializer}
            assert np.array_equal(got["w:1"], KERNEL) and np.array_equal(got["b:2"], BIAS)
            shape = model.graph.input[0].type.tensor_type.shape
            assert shape.dim[0].dim_param == "batch" and shape.dim[1].dim_value == 3
            session = ort.InferenceSession(data, providers=["CPUExecutionProvider"])
            out = session.run(None, {"x": x})
            hidden, y = expected(x)
            assert np.abs(out[0] - y).max() < 1e-6
            assert len(out) == (2 if name == "probed.onnx" else 1)
            if len(out) == 2:
                assert np.abs(out[1] - hidden.sum(axis=1)).max() < 1e-5
    print("ok")


main()
