import torch
import torch.nn as nn

cfg = {"A": [8, "M", 16, "M"], "B": [8, 8, "M", 16, 16, "M"]}


class VGG(nn.Module):
    def __init__(self, name):
        super(VGG, self).__init__()
        self.features = self.make_layers(cfg[name])
        self.classifier = nn.Sequential(
            nn.Linear(16 * 2 * 2, 32),
            nn.ReLU(True),
            nn.Dropout(),
            nn.Linear(32, 5),
        )

    def make_layers(self, cfg):
        layers = []
        channels = 3
        for x in cfg:
            if x == "M":
                layers += [nn.MaxPool2d(kernel_size=2, stride=2)]
            else:
                layers += [nn.Conv2d(channels, x, kernel_size=3, padding=1),
                           nn.BatchNorm2d(x),
                           nn.ReLU(inplace=True)]
                channels = x
        return nn.Sequential(*layers)

    def forward(self, x):
        out = self.features(x)
        return self.classifier(out.view(out.size(0), -1))


net = VGG("B").eval()
torch.onnx.export(net, torch.randn(2, 3, 8, 8), "vgg.onnx")
