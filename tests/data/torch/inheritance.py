import torch
from torch import nn


class Base(nn.Module):
    hidden = 12

    def __init__(self, inputs, outputs):
        super().__init__()
        self.body = self.make_body(inputs)
        self.head = nn.Linear(self.hidden, outputs)

    def make_body(self, inputs):
        return nn.Sequential(nn.Linear(inputs, self.hidden), nn.ReLU())

    def forward(self, x):
        return self.head(self.body(x))


class Deep(Base):
    def __init__(self, inputs, outputs, extra):
        super().__init__(inputs, outputs)
        self.extra = nn.ModuleDict({name: nn.Linear(self.hidden, self.hidden) for name in ("a", "b")})
        self.gate = nn.Linear(self.hidden, self.hidden) if extra else nn.Identity()

    def make_body(self, inputs):
        return nn.Sequential(nn.Linear(inputs, 2 * self.hidden), nn.ELU(),
                             nn.Linear(2 * self.hidden, self.hidden), nn.ELU())

    def forward(self, x):
        h = self.body(x)
        h = self.extra["b"](torch.relu(self.extra["a"](h)))
        return self.head(torch.sigmoid(self.gate(h)) * h)


model = Deep(5, 3, extra=True)
torch.onnx.export(model.eval(), torch.randn(2, 5), "deep.onnx")
