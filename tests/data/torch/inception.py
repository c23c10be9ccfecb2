import torch
from torch import nn


class BasicConv(nn.Module):
    def __init__(self, i, o, **kwargs):
        super().__init__()
        self.conv = nn.Conv2d(i, o, bias=False, **kwargs)
        self.bn = nn.BatchNorm2d(o, eps=0.001)

    def forward(self, x):
        return torch.relu(self.bn(self.conv(x)))


class Inception(nn.Module):
    def __init__(self, i, a, b, c):
        super().__init__()
        self.branch1 = BasicConv(i, a, kernel_size=1)
        self.branch3 = nn.Sequential(BasicConv(i, b, kernel_size=1), BasicConv(b, b, kernel_size=3, padding=1))
        self.pool = nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), BasicConv(i, c, kernel_size=1))

    def forward(self, x):
        return torch.cat([branch(x) for branch in (self.branch1, self.branch3, self.pool)], 1)


class Net(nn.Module):
    def __init__(self, *widths, classes=3):
        super().__init__()
        self.stem = BasicConv(1, widths[0], kernel_size=3, stride=2)
        self.mixed1 = Inception(widths[0], *widths[1:4])
        self.mixed2 = Inception(sum(widths[1:4]), *widths[4:])
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(sum(widths[4:]), classes))

    def forward(self, x):
        return self.head(self.mixed2(self.mixed1(self.stem(x))))


net = Net(4, 2, 4, 2, 3, 4, 3)
torch.onnx.export(net.eval(), torch.randn(2, 1, 9, 9), "net.onnx")
