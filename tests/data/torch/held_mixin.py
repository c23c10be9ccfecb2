import torch
from torch import nn


class CountMixin:
    def count(self):
        return sum(p.numel() for p in self.parameters())


class Encoder(CountMixin, nn.Module):
    def __init__(self, inputs, hidden):
        nn.Module.__init__(self)
        self.lin1, self.lin2 = nn.Linear(inputs, hidden), nn.Linear(hidden, hidden)

    def forward(self, x):
        return torch.tanh(self.lin2(torch.tanh(self.lin1(x))))


class Model(CountMixin, nn.Module):
    def __init__(self, **kw):
        super().__init__()
        self.encoder = Encoder(kw["inputs"], kw.get("hidden", 10))
        self.decoder = nn.Linear(kw.get("hidden", 10), kw["outputs"])

    def forward(self, x):
        return self.decoder(self.encoder(x))


config = {"inputs": 5, "outputs": 2}
m = Model(**config)
print(m.count())
torch.onnx.export(m.eval(), torch.randn(2, 5), "m.onnx")
