"""Cases on disk. A case appears whole or not at all, so that a suite can be read while it grows."""
import json
import os
import pathlib
import shutil
import warnings

import numpy as np


class Writer:
    """Writes under out/<suite>/. Ids are the base's number, two digits wide, and the count within the base, so that
    every base can be made alone and always gives the same ids."""

    def __init__(self, out, suite, base):
        self.root = pathlib.Path(out) / suite
        self.suite, self.base, self.count = suite, base, 0
        self.shared = self.root / "_data"
        self.shared.mkdir(parents=True, exist_ok=True)

    def _replace(self, path, fill):
        part = path.with_name(".part-" + path.name)
        fill(part)
        os.replace(part, path)

    def data(self, x, y):
        for kind, values in (("x", x), ("y", y)):
            def fill(part, values=values):
                with open(part, "wb") as stream:
                    np.save(stream, values)
            self._replace(self.shared / f"{self.base.name}.{kind}.npy", fill)

    def shared_program(self, text):
        self._replace(self.shared / f"{self.base.name}.program.py", lambda part: part.write_text(text))

    def case(self, model, task, text, truth, tests, data=None, shared_program=False):
        """`data` is (x, y) when the case has tests of its own."""
        import keras
        self.count += 1
        name = f"{self.base.number:02d}{self.count:02d}"
        part, folder = self.root / f".part-{name}", self.root / name
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        # Compiled anew: an optimizer's state is no part of a case, and "mse" as text does not load again from an .h5
        # file.
        loss = keras.losses.MeanSquaredError() if self.base.loss == "mse" else self.base.loss
        model.compile(optimizer="sgd", loss=eval(loss) if isinstance(loss, str) and "(" in loss else loss)
        file = "model.h5" if self.count % 4 == 0 else "model.keras"
        warnings.filterwarnings("ignore")
        model.save(part / file)
        shared = f"../_data/{self.base.name}"
        case = {"id": name, "suite": self.suite, "task": task, "model": file,
                "x": f"{shared}.x.npy", "y": f"{shared}.y.npy",
                "program": f"{shared}.program.py" if shared_program else "program.py", "tests": tests,
                "loss": self.base.loss.replace("keras.losses.SparseCategoricalC", "sparse_categorical_c")}
        if data is not None:
            case["x"], case["y"] = "x.npy", "y.npy"
            np.save(part / "x.npy", data[0])
            np.save(part / "y.npy", data[1])
        if not shared_program:
            (part / "program.py").write_text(text)
        (part / "case.json").write_text(json.dumps(case, indent=1) + "\n")
        (part / "truth.json").write_text(json.dumps(truth, indent=1) + "\n")
        shutil.rmtree(folder, ignore_errors=True)
        os.rename(part, folder)

    def clear(self):
        """Away with what an unfinished run or other counts have left of this base."""
        for folder in self.root.glob(f"{self.base.number:02d}??"):
            shutil.rmtree(folder)
        (self.shared / f"{self.base.name}.done").unlink(missing_ok=True)

    def done(self):
        return (self.shared / f"{self.base.name}.done").exists()

    def finish(self):
        (self.shared / f"{self.base.name}.done").write_text(f"{self.count}\n")
