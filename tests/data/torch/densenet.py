import torch
from torch import nn


class DenseLayer(nn.Module):
    def __init__(self, inputs, growth):
        super().__init__()
        self.add_module("norm", nn.BatchNorm2d(inputs))
        self.add_module("relu", nn.ReLU(inplace=True))
        self.add_module("conv", nn.Conv2d(inputs, growth, kernel_size=3, padding=1, bias=False))

    def forward(self, x):
        return torch.cat([x, self.conv(self.relu(self.norm(x)))], 1)


class Transition(nn.Sequential):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.norm = nn.BatchNorm2d(inputs)
        self.conv = nn.Conv2d(inputs, outputs, kernel_size=1)
        self.pool = nn.AvgPool2d(2)


class DenseNet(nn.Module):
    def __init__(self, growth=4, blocks=(2, 2), inputs=6):
        super().__init__()
        self.features = nn.Sequential()
        self.features.add_module("conv0", nn.Conv2d(3, inputs, kernel_size=3, padding=1))
        channels = inputs
        for i, count in enumerate(blocks):
            for k in range(count):
                self.features.add_module("block%d_%d" % (i + 1, k + 1), DenseLayer(channels, growth))
                channels += growth
            if i != len(blocks) - 1:
                self.features.add_module("transition{}".format(i + 1), Transition(channels, channels // 2))
                channels = channels // 2
        self.features.add_module("norm5", nn.BatchNorm2d(channels))
        self.classifier = nn.Linear(channels, 4)

    def forward(self, x):
        out = torch.relu(self.features(x))
        return self.classifier(out.mean([2, 3]))


torch.onnx.export(DenseNet().eval(), torch.randn(2, 3, 8, 8), "densenet.onnx")
