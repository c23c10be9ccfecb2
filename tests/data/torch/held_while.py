import torch
from torch import nn


class Discriminator(nn.Module):
    def __init__(self, size=32, channels=3, features=4):
        super().__init__()
        layers = [nn.Conv2d(channels, features, 4, 2, 1, bias=False), nn.LeakyReLU(0.2)]
        size //= 2
        while size > 4:
            layers.append(nn.Conv2d(features, features * 2, 4, 2, 1, bias=False))
            layers.append(nn.BatchNorm2d(features * 2))
            layers.append(nn.LeakyReLU(0.2))
            features *= 2
            size //= 2
        layers.append(nn.Conv2d(features, 1, 4, 1, 0, bias=False))
        self.main = nn.Sequential(*layers)

    def forward(self, x):
        return torch.sigmoid(self.main(x)).flatten(1)


d = Discriminator()
torch.onnx.export(d.eval(), torch.randn(2, 3, 32, 32), "m.onnx")
