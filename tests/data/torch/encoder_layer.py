import copy
import torch
from torch import nn


class Stack(nn.Module):
    def __init__(self, layer, depth):
        super().__init__()
        self.layers = nn.ModuleList([copy.deepcopy(layer) for _ in range(depth)])
        self.norm = nn.LayerNorm(16)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.norm(x)


class Residual(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner
        self.norm = nn.LayerNorm(16)

    def forward(self, x):
        return x + self.inner(self.norm(x))


class FeedForward(nn.Module):
    def __init__(self, size, hidden, activation="relu"):
        super().__init__()
        activations = {"relu": nn.ReLU, "gelu": nn.GELU}
        self.up = nn.Linear(size, hidden)
        self.act = activations[activation]()
        self.down = nn.Linear(hidden, size)

    def forward(self, x):
        return self.down(self.act(self.up(x)))


inputs = nn.Linear(4, 16)
stack = Stack(Residual(FeedForward(16, 32)), 3)
head = nn.Linear(16, 2)
model = nn.Sequential(inputs, stack, head)
model.eval()
torch.onnx.export(model, torch.randn(2, 4), "stack.onnx")
