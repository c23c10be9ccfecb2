"""Gradients as PyTorch computes them, for tests/py/test_gradient_torch.py: torch_gradients.py OUT.npz

Needs PyTorch (1.13 of Debian 12: apt-get install python3-torch, run with /usr/bin/python3) and nothing else of the tests. Every case is
a random module of one family, exported by PyTorch's own exporter, with inputs, targets, mean squared error, and the gradient of every
weight, under a digest of the weight's bytes: the exporter renames and transposes, and of recurrent layers reorders.
"""
import hashlib
import io
import sys
import zipfile

import numpy as np
import torch
from torch import nn

BATCH = 3


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.q, self.k, self.v, self.o, self.heads = nn.Linear(width, width), nn.Linear(width, width), nn.Linear(width, width), nn.Linear(width, width), heads

    def forward(self, x):
        split = lambda y: y.reshape(y.shape[0], -1, self.heads, y.shape[-1] // self.heads).transpose(1, 2)
        q, k, v = split(self.q(x)), split(self.k(x)), split(self.v(x))
        weights = torch.softmax(q @ k.transpose(-1, -2) / q.shape[-1] ** .5, -1)
        return self.o((weights @ v).transpose(1, 2).reshape(x.shape))


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.first, self.second, self.attention = nn.LayerNorm(width), nn.LayerNorm(width), Attention(width, 2)
        self.up, self.down = nn.Linear(width, 3 * width), nn.Linear(3 * width, width)

    def forward(self, x):
        x = x + self.attention(self.first(x))
        return x + self.down(nn.functional.gelu(self.up(self.second(x))))


class Last(nn.Module):
    def __init__(self, recurrent):
        super().__init__()
        self.recurrent = recurrent

    def forward(self, x):
        return self.recurrent(x)[0][:, -1]


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.skip = nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.Conv2d(4, 4, 3, padding=1), nn.Conv2d(3, 4, 1, stride=2)

    def forward(self, x):
        return torch.relu(self.b(torch.relu(self.a(x))) + self.skip(x))


def flat(*modules):
    return nn.Sequential(*modules, nn.Flatten())


def cases():
    C1, C2, C3, T1, T2, T3 = nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d
    yield "linear", flat(nn.Linear(7, 9), nn.Tanh(), nn.Linear(9, 4)), (7,)
    yield "linear on tokens", flat(nn.Linear(6, 5), nn.Softplus(), nn.Linear(5, 3)), (4, 6)
    yield "activations", flat(nn.Linear(6, 8), nn.ELU(), nn.Linear(8, 8), nn.SiLU(), nn.Linear(8, 8), nn.GELU(), nn.Linear(8, 8), nn.LeakyReLU(.1), nn.Linear(8, 8), nn.Hardswish(),
                              nn.Linear(8, 8), nn.Softmax(-1), nn.Linear(8, 8), nn.Mish(), nn.Linear(8, 8), nn.SELU(), nn.Linear(8, 8), nn.Sigmoid(), nn.Linear(8, 8), nn.LogSoftmax(-1)), (6,)
    yield "conv1d", flat(C1(4, 6, 3, stride=2, padding=1), nn.Tanh(), C1(6, 8, 3, dilation=2, groups=2, padding=2), nn.ReLU(), C1(8, 8, 4, groups=8)), (4, 19)
    yield "conv2d strides that leave a rest", flat(C2(3, 4, (3, 2), stride=(3, 2), padding=(1, 0)), nn.Tanh(), C2(4, 6, 2, stride=2)), (3, 12, 11)
    yield "conv2d groups, dilations, pads", flat(C2(4, 8, 3, groups=2, dilation=(2, 1), padding=(2, 1)), nn.Tanh(), C2(8, 6, (1, 3), groups=2, stride=(1, 2))), (4, 9, 8)
    yield "depthwise and pointwise", flat(C2(5, 10, 3, groups=5, padding=1), nn.ReLU(), C2(10, 4, 1)), (5, 7, 6)
    yield "conv3d", flat(C3(2, 4, (2, 3, 2), stride=(1, 2, 1), padding=(0, 1, 1), groups=2), nn.Tanh(), C3(4, 3, 2, dilation=(1, 1, 2))), (2, 5, 6, 5)
    yield "transposed conv1d", flat(T1(4, 6, 3, stride=2, padding=1, output_padding=1), nn.Tanh(), T1(6, 4, 4, stride=3, groups=2)), (4, 7)
    yield "transposed conv2d", flat(T2(4, 6, (3, 2), stride=(2, 3), padding=(1, 0), groups=2), nn.Tanh(), T2(6, 3, 3, dilation=2)), (4, 5, 4)
    yield "transposed conv3d", flat(T3(2, 3, 2, stride=2), nn.Tanh(), T3(3, 2, (1, 3, 2), padding=(0, 1, 0))), (2, 3, 3, 2)
    yield "pooling", flat(C2(3, 4, 3, padding=1), nn.MaxPool2d(3, 2, 1), C2(4, 4, 3, padding=1), nn.AvgPool2d(2), C2(4, 5, 2), nn.AdaptiveAvgPool2d(1)), (3, 12, 12)
    yield "pooling 1d", flat(C1(3, 4, 3), nn.MaxPool1d(2), C1(4, 4, 2), nn.AvgPool1d(3, 2, 1), C1(4, 3, 2)), (3, 20)
    yield "batch norm", flat(C2(3, 5, 3), nn.BatchNorm2d(5), nn.ReLU(), nn.Flatten(), nn.Linear(5 * 16, 6), nn.BatchNorm1d(6)), (3, 6, 6)
    yield "layer norm", flat(nn.Linear(6, 8), nn.LayerNorm(8), nn.Linear(8, 4), nn.LayerNorm((5, 4))), (5, 6)
    yield "group and instance norm", flat(C2(3, 6, 3), nn.GroupNorm(3, 6), C2(6, 4, 2), nn.InstanceNorm2d(4, affine=True)), (3, 7, 7)
    yield "embedding", flat(nn.Embedding(11, 6), nn.Linear(6, 3)), ("ids", 11, 5)
    yield "attention", flat(Attention(8, 2)), (5, 8)
    yield "transformer block", flat(nn.Embedding(13, 8), Block(8)), ("ids", 13, 4)
    yield "residual", flat(Residual()), (3, 9, 8)
    yield "lstm", Last(nn.LSTM(5, 6, batch_first=True)), (7, 5)
    yield "gru", Last(nn.GRU(5, 6, batch_first=True)), (7, 5)
    yield "rnn", Last(nn.RNN(5, 6, batch_first=True)), (7, 5)
    yield "bidirectional lstm", Last(nn.LSTM(4, 3, batch_first=True, bidirectional=True)), (6, 4)
    yield "prelu, upsampling, padding", flat(nn.ConstantPad2d((1, 2, 0, 1), .5), C2(2, 3, 2), nn.PReLU(3), nn.Upsample(scale_factor=2), C2(3, 2, 3, bias=False)), (2, 4, 5)


def varied(module):
    """Weights and statistics that are not what a fresh module has."""
    with torch.no_grad():
        for name, value in [*module.named_parameters(), *module.named_buffers()]:
            if value.dtype.is_floating_point:
                value.copy_(torch.rand(value.shape) + .5 if "var" in name else value + .2 * torch.randn(value.shape))
    return module.eval()


# How the exporter writes a recurrent layer's gates, in torch's numbering.
GATES = {nn.LSTM: [0, 3, 1, 2], nn.GRU: [1, 0, 2], nn.RNN: [0]}


def gates(value, kind):
    parts = value.reshape(len(GATES[kind]), -1, *value.shape[1:])
    return parts[GATES[kind]].reshape(value.shape)


def written(module):
    """(weight, gradient) of everything the exporter may write, recurrent layers as it stacks them."""
    for child in module.modules():
        own = {n: (p.detach().numpy(), p.grad.numpy()) for n, p in child.named_parameters(recurse=False)}
        if type(child) in GATES:
            ways = ["", "_reverse"] if child.bidirectional else [""]
            each = lambda stem, i: np.stack([gates(own[stem + w][i], type(child)) for w in ways])
            yield each("weight_ih_l0", 0), each("weight_ih_l0", 1)
            yield each("weight_hh_l0", 0), each("weight_hh_l0", 1)
            yield tuple(np.concatenate([each("bias_ih_l0", i), each("bias_hh_l0", i)], 1) for i in (0, 1))
        yield from own.values()


def main(path):
    torch.manual_seed(5)
    rng = np.random.default_rng(5)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        def put(name, array):
            file = io.BytesIO()
            np.save(file, np.ascontiguousarray(array))
            out.writestr(zipfile.ZipInfo(name + ".npy"), file.getvalue(), zipfile.ZIP_DEFLATED)
        for number, (name, module, shape) in enumerate(cases()):
            module = varied(module)
            x = torch.tensor(rng.integers(0, shape[1], (BATCH, *shape[2:]))) if shape[0] == "ids" else torch.tensor(rng.standard_normal((BATCH, *shape)).astype("float32"))
            y = module(x)
            target = torch.tensor(rng.standard_normal(y.shape).astype("float32"))
            loss = ((y - target) ** 2).mean()
            loss.backward()
            file = io.BytesIO()
            torch.onnx.export(module, x, file, opset_version=17 if torch.__version__ >= "1.13" else 13, input_names=["x"], output_names=["y"],
                              dynamic_axes={"x": {0: "n"}, "y": {0: "n"}})
            folder = f"{number:02d} {name}/"
            put(folder + "onnx", np.frombuffer(file.getvalue(), "u1"))
            put(folder + "x", x.numpy())
            put(folder + "target", target.numpy())
            put(folder + "loss", loss.detach().numpy())
            for value, gradient in written(module):
                put(folder + hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()[:16], gradient)


main(sys.argv[1])
