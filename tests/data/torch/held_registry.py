import torch
from torch import nn


class Plain(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc = nn.Linear(width, width)

    def forward(self, x):
        return torch.relu(self.fc(x))


class Res(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc_a = nn.Linear(width, width)
        self.fc_b = nn.Linear(width, width)

    def forward(self, x):
        return x + self.fc_b(torch.relu(self.fc_a(x)))


BLOCKS = {"plain": Plain, "res": Res}


class Net(nn.Module):
    def __init__(self, layout, width=8):
        super().__init__()
        self.entry = nn.Linear(5, width)
        self.body = nn.Sequential(*[BLOCKS[kind](width) for kind in layout])
        self.exit = nn.Linear(width, 2)

    def forward(self, x):
        return self.exit(self.body(self.entry(x)))

    @classmethod
    def standard(cls):
        return cls(["plain", "res", "res"])


model = Net.standard()
torch.onnx.export(model.eval(), torch.randn(2, 5), "m.onnx")
