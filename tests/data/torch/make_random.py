"""Random PyTorch modules with what PyTorch itself computes: python3 make_random.py COUNT SEED OUT.zip (needs torch only).

Each member folder of the zip has model.onnx (TorchScript exporter; run with PyTorch 2.6 and onnxscript it writes every third by
the newer one), x.npy, y.npy and acts.npz: what forward hooks saw of every module without modules inside, and of every container."""
import io
import random
import sys
import zipfile
import numpy as np
import torch
from torch import nn

NEWER = tuple(map(int, torch.__version__.split(".")[:2])) >= (2, 5)
ACTIVATIONS = [nn.ReLU, nn.Tanh, nn.Sigmoid, nn.LeakyReLU, nn.ELU, nn.GELU, nn.SiLU, nn.Hardtanh, nn.Softplus, nn.SELU, nn.ReLU6, nn.Hardswish,
               nn.Softsign, nn.PReLU, nn.LogSigmoid]


class Residual(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return x + self.inner(x)


class Branches(nn.Module):
    def __init__(self, *ways):
        super().__init__()
        self.ways = nn.ModuleList(ways)

    def forward(self, x):
        return torch.cat([way(x) for way in self.ways], 1)


class Squeeze(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.down = nn.Conv2d(channels, 2, 1)
        self.up = nn.Conv2d(2, channels, 1)

    def forward(self, x):
        return x * torch.sigmoid(self.up(torch.relu(self.down(self.pool(x)))))


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x):
        n, t, c = x.shape
        q, k, v = self.qkv(x).view(n, t, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        weights = torch.softmax(q @ k.transpose(-1, -2) * (c // self.heads) ** -.5, -1)
        return self.proj((weights @ v).transpose(1, 2).reshape(n, t, c))


class Recurrent(nn.Module):
    def __init__(self, kind, inputs, hidden, layers, both):
        super().__init__()
        self.rnn = kind(inputs, hidden, num_layers=layers, bidirectional=both, batch_first=True)

    def forward(self, x):
        return self.rnn(x)[0]


class Take(nn.Module):
    def __init__(self, how):
        super().__init__()
        self.how = how

    def forward(self, x):
        return x.mean(1) if self.how == "mean" else x[:, -1] if self.how == "last" else x.max(1)[0]


class Turn(nn.Module):
    def forward(self, x):
        return x.transpose(1, 2)


def activation(r):
    return r.choice(ACTIVATIONS)()


def dense(r, width, layers):
    for _ in range(r.randint(1, 4)):
        out = r.randint(3, 12)
        kind = r.choice(["plain", "plain", "norm", "batch", "residual"])
        if kind == "residual":
            layers.append(Residual(nn.Sequential(nn.Linear(width, out), activation(r), nn.Linear(out, width))))
            continue
        layers.append(nn.Linear(width, out, bias=r.random() < .8))
        if kind == "norm":
            layers.append(nn.LayerNorm(out))
        if kind == "batch":
            layers.append(nn.BatchNorm1d(out))
        layers.append(activation(r))
        if r.random() < .3:
            layers.append(nn.Dropout(.2))
        width = out
    return width


def image(r, channels, layers):
    for _ in range(r.randint(1, 4)):
        out = r.choice([2, 4, 6])
        kind = r.choice(["conv", "conv", "batch", "group", "depthwise", "branches", "squeeze", "pool", "up", "transpose", "residual", "instance"])
        if kind in ("conv", "batch", "group", "instance"):
            k = r.choice([1, 3, 5])
            layers.append(nn.Conv2d(channels, out, k, stride=r.choice([1, 1, 2]), padding=k // 2, dilation=1, bias=r.random() < .7))
            if kind == "batch":
                layers.append(nn.BatchNorm2d(out))
            if kind == "group":
                layers.append(nn.GroupNorm(2, out))
            if kind == "instance":
                layers.append(nn.InstanceNorm2d(out, affine=True))
            layers.append(activation(r))
            channels = out
        elif kind == "depthwise":
            layers.append(nn.Conv2d(channels, channels, 3, padding=1, groups=channels))
        elif kind == "branches":
            layers.append(Branches(nn.Conv2d(channels, 2, 1), nn.Sequential(nn.Conv2d(channels, 2, 3, padding=1), nn.ReLU())))
            channels = 4
        elif kind == "squeeze":
            layers.append(Squeeze(channels))
        elif kind == "pool":
            layers.append(r.choice([nn.MaxPool2d(2, 1), nn.AvgPool2d(2, 1), nn.MaxPool2d(3, 2, padding=1)]))
        elif kind == "up":
            layers.append(nn.Upsample(scale_factor=2))
        elif kind == "transpose":
            layers.append(nn.ConvTranspose2d(channels, out, 2, stride=r.choice([1, 2])))
            channels = out
        else:
            layers.append(Residual(nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1), activation(r))))
    return channels


def sequence(r, width, layers):
    for _ in range(r.randint(1, 3)):
        kind = r.choice(["recurrent", "attention", "multihead", "conv", "norm", "linear", "encoder"] if not NEWER else ["attention", "conv", "norm", "linear"])
        if kind == "recurrent":
            hidden, both = r.randint(3, 6), r.random() < .4
            layers.append(Recurrent(r.choice([nn.LSTM, nn.GRU, nn.RNN]), width, hidden, r.choice([1, 1, 2]), both))
            width = hidden * (2 if both else 1)
        elif kind in ("attention", "multihead", "encoder"):
            layers.append(nn.Linear(width, 8))
            width = 8
            layers.append(Attention(8, 2) if kind != "encoder" else nn.TransformerEncoderLayer(8, 2, 12, batch_first=True, norm_first=r.random() < .5))
        elif kind == "conv":
            out = r.randint(3, 6)
            layers.extend([Turn(), nn.Conv1d(width, out, 3, padding=1), activation(r), Turn()])
            width = out
        elif kind == "norm":
            layers.append(nn.LayerNorm(width))
        else:
            out = r.randint(3, 6)
            layers.extend([nn.Linear(width, out), activation(r)])
            width = out
    layers.append(Take(r.choice(["mean", "last", "max"])))
    return width


def random_module(r):
    layers, family = [], r.choice(["dense", "image", "sequence", "tokens"])
    if family == "dense":
        width = r.randint(3, 8)
        x = torch.randn(5, width)
        width = dense(r, width, layers)
    elif family == "image":
        channels, size = r.choice([1, 3]), r.choice([8, 9, 12])
        x = torch.randn(5, channels, size, size)
        channels = image(r, channels, layers)
        if r.random() < .5:
            layers.extend([nn.AdaptiveAvgPool2d(1), nn.Flatten()])
            width = channels
        else:
            layers.extend([nn.AdaptiveAvgPool2d(2) if not NEWER else nn.AdaptiveAvgPool2d(1), nn.Flatten()])
            width = channels * (4 if not NEWER else 1)
            if not NEWER:
                with torch.no_grad():
                    if nn.Sequential(*layers[:-2]).eval()(x).shape[-1] % 2:  # the exporter wants whole parts
                        layers[-2], width = nn.AdaptiveAvgPool2d(1), channels
    elif family == "sequence":
        width = r.randint(3, 6)
        x = torch.randn(5, r.randint(4, 7), width)
        width = sequence(r, width, layers)
    else:
        x = torch.randint(0, 20, (5, r.randint(4, 7)))
        layers.append(nn.Embedding(20, 6))
        width = sequence(r, 6, layers)
    if r.random() < .5:
        width = dense(r, width, layers)
    layers.append(nn.Linear(width, r.randint(1, 4)))
    if r.random() < .4:
        layers.append(r.choice([nn.Softmax(1), nn.Sigmoid(), nn.LogSoftmax(1)]))
    return nn.Sequential(*layers), x


def randomize(module):
    """Buffers too, so that a normalization does something."""
    for name, value in [*module.named_parameters(), *module.named_buffers()]:
        if value.dtype.is_floating_point:
            value.data = torch.rand_like(value) + .5 if "running_var" in name else torch.randn_like(value) * .4


def keep(seen, path, output):
    output = output[0] if isinstance(output, tuple) else output
    seen.setdefault(path or "whole", output.detach().numpy().copy())


def keep_input(seen, path, given):
    """What enters the projection of an attention is what the attention itself computed."""
    if path.endswith(".proj"):
        seen.setdefault(path[:-5] + "<", given[0].detach().numpy().copy())


def one(seed, number, archive):
    r = random.Random(seed * 100003 + number)
    torch.manual_seed(seed * 1009 + number)
    module, x = random_module(r)
    randomize(module)
    module.eval()
    seen = {}
    hooks = [inner.register_forward_hook(lambda m, i, o, path=path: keep(seen, path, o)) for path, inner in module.named_modules()]
    hooks += [inner.register_forward_pre_hook(lambda m, i, path=path: keep_input(seen, path, i)) for path, inner in module.named_modules()]
    torch.backends.mha.set_fastpath_enabled(False) if hasattr(torch.backends, "mha") else None
    with torch.set_grad_enabled(True):
        y = module(x).detach().numpy()
    for hook in hooks:
        hook.remove()
    data = io.BytesIO()
    if NEWER and number % 3 == 0:
        program = torch.onnx.export(module, (x,), dynamo=True, input_names=["x"], output_names=["y"], dynamic_shapes=({0: torch.export.Dim("n", min=1, max=4096)},))
        data.write(program.model_proto.SerializeToString())
    else:
        torch.onnx.export(module, x, data, opset_version=r.choice([13, 14, 16]), input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "n"}, "y": {0: "n"}})
    for name, content in (("model.onnx", data.getvalue()), ("x.npy", packed(x.numpy())), ("y.npy", packed(y)), ("acts.npz", packed(seen))):
        archive.writestr(zipfile.ZipInfo(f"{number:04d}/{name}", (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)


def packed(value):
    out = io.BytesIO()
    np.savez(out, **value) if isinstance(value, dict) else np.save(out, value)
    return out.getvalue()


def main():
    count, seed, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    refused = 0
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(count):
            try:
                one(seed, number, archive)
            except Exception as problem:  # what the exporter cannot do is no model
                refused += 1
                print(number, type(problem).__name__, str(problem)[:120])
    print(f"{count - refused} modules in {path}, {refused} not exported")


main()
