"""Runs the programs beside it with PyTorch, exports their models, and writes down which line made each module.

    python3 make_exports.py script     # PyTorch's TorchScript exporter: NAME.script.onnx.gz, NAME.truth.json
    python3 make_exports.py dynamo     # its newer one (PyTorch 2.6, onnxscript 0.2.5): NAME.dynamo.onnx.gz

The truth does not come from reading programs: every nn.Module notes, while it is being constructed, which line of the
program is running; for layers that are no modules, the exporter is asked to keep the places of operators.
"""
import gzip
import io
import json
import os
import re
import sys
import torch

FOLDER = os.path.dirname(os.path.abspath(__file__))


class Watch:
    """Lines of the program that ran while each module was constructed."""

    def __init__(self, path):
        self.path, self.lines, self.init = path, {}, torch.nn.Module.__init__

    def place(self, module):
        frame = sys._getframe(2)
        while frame and frame.f_code.co_name == "__init__" and next(iter(frame.f_locals.values()), None) is module:
            frame = frame.f_back  # constructors of the module's own classes
        while frame and frame.f_code.co_filename != self.path:
            frame = frame.f_back
        return frame.f_lineno if frame else None

    def __enter__(self):
        def init(module, *args, **kwargs):
            line = self.place(module)
            self.init(module, *args, **kwargs)
            if line and "_made_at" not in module.__dict__:
                object.__setattr__(module, "_made_at", line)
        torch.nn.Module.__init__ = init
        return self

    def __exit__(self, *what):
        torch.nn.Module.__init__ = self.init


def keep(data, name, exporter):
    """Without a time in it, so that the same model gives the same file."""
    with open(os.path.join(FOLDER, f"{name}.{exporter}.onnx.gz"), "wb") as file:
        file.write(gzip.compress(data, mtime=0))


def places(data, path):
    """Node name -> line of the program, from what the TorchScript exporter writes when it is verbose."""
    import onnx
    lines = {}
    for node in onnx.load_from_string(data).graph.node:
        found = re.findall(re.escape(path) + r"\((\d+)\)", node.doc_string)
        if found:
            lines[node.name] = int(found[0])
    return lines


def script(name, module, sample):
    axes = {"x": {0: "n"}, "y": {0: "n"}}
    names = dict(input_names=["x"], output_names=["y"], dynamic_axes=axes, opset_version=14)
    plain, told = io.BytesIO(), io.BytesIO()
    torch_export(module, sample, plain, **names)
    keep(plain.getvalue(), name, "script")
    torch_export(module, sample, told, verbose=True, **names)
    truth = {"modules": {path: m._made_at for path, m in module.named_modules() if path and hasattr(m, "_made_at")},
             "nodes": places(told.getvalue(), os.path.join(FOLDER, name + ".py"))}
    if name == "functional":
        keep(told.getvalue().replace(FOLDER.encode(), b"." * len(FOLDER)), name, "verbose")
    with open(os.path.join(FOLDER, name + ".truth.json"), "w") as file:
        json.dump(truth, file, indent=0)
        file.write("\n")


def dynamo(name, module, sample):
    program = torch_export(module, (sample,), dynamo=True, input_names=["x"], output_names=["y"],
                           dynamic_shapes=({0: torch.export.Dim("n", min=1, max=4096)},))
    for node in program.model.graph:
        for entry in [k for k in node.metadata_props if k in ("pkg.torch.onnx.fx_node", "namespace")]:
            del node.metadata_props[entry]
        trace = node.metadata_props.get("pkg.torch.onnx.stack_trace")
        if trace:
            node.metadata_props["pkg.torch.onnx.stack_trace"] = trace.replace(FOLDER, "/home/user/project")
    program.model.metadata_props.clear()
    program.model.graph.metadata_props.clear()
    keep(program.model_proto.SerializeToString(), name, "dynamo")


torch_export = torch.onnx.export


def run(name, export):
    path = os.path.join(FOLDER, name + ".py")
    torch.manual_seed(0)
    sys.argv = [path]
    torch.onnx.export = lambda module, sample, where, **options: export(name, module, sample)
    with Watch(path), open(path) as file:
        exec(compile(file.read(), path, "exec"), {"__name__": "__main__", "__file__": path})


def main():
    export = {"script": script, "dynamo": dynamo}[sys.argv[1]]
    chosen = sys.argv[2:] or sorted(f[:-3] for f in os.listdir(FOLDER) if f.endswith(".py") and not f.startswith("make_"))
    for name in chosen:
        try:
            run(name, export)
            print(name)
        except Exception as problem:
            print(name, "FAILED", type(problem).__name__, str(problem)[:300])


main()
