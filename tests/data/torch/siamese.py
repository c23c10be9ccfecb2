import torch
from torch import nn


def tower(width, depth):
    layers = [nn.Linear(6, width), nn.ReLU()]
    for _ in range(depth):
        layers += [nn.Linear(width, width), nn.ReLU()]
    return nn.Sequential(*layers)


class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.left = tower(8, 1)
        self.right = tower(8, 2)
        self.join = nn.Sequential(nn.Linear(16, 8), nn.ReLU(), nn.Linear(8, 2))

    def forward(self, x):
        return self.join(torch.cat([self.left(x), self.right(x)], dim=1))


model = Siamese()
torch.onnx.export(model.eval(), torch.randn(2, 6), "siamese.onnx")
