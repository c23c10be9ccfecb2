import torch
from torch import nn


class Chain(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.chain = nn.Sequential(*self.parts(widths))
        self.head = nn.Linear(widths[-1], 3)

    @staticmethod
    def parts(widths):
        for a, b in zip(widths, widths[1:]):
            yield nn.Linear(a, b)
            yield nn.Tanh()

    def forward(self, x):
        return self.head(self.chain(x))


torch.onnx.export(Chain((4, 8, 16, 8)).eval(), torch.randn(2, 4), "m.onnx")
