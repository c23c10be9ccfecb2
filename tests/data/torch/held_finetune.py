import torch
from torch import nn


class Backbone(nn.Module):
    def __init__(self, num_classes=1000):
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 3, padding=1)
        self.pool = nn.AdaptiveAvgPool2d((2, 2))
        self.fc = nn.Linear(24, num_classes)

    def forward(self, x):
        return self.fc(torch.flatten(self.pool(torch.relu(self.conv(x))), 1))


model = Backbone()
for parameter in model.parameters():
    parameter.requires_grad = False
features = model.fc.in_features
model.fc = nn.Sequential(nn.Dropout(0.5), nn.Linear(features, 10), nn.ReLU())
model.fc.add_module("last", nn.Linear(10, 2))
model.eval()
torch.onnx.export(model, torch.randn(2, 3, 8, 8), "m.onnx")
