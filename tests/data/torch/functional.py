import torch
import torch.nn as nn
import torch.nn.functional as F


class Bare(nn.Module):
    def __init__(self):
        super().__init__()
        self.w1 = nn.Parameter(torch.randn(12, 9) * 0.3)
        self.b1 = nn.Parameter(torch.zeros(12))
        self.kernel = nn.Parameter(torch.randn(4, 1, 3, 3) * 0.3)
        self.out = nn.Linear(12, 2)

    def forward(self, x):
        x = F.conv2d(x, self.kernel, padding=1)
        x = F.avg_pool2d(x, 2)
        x = torch.relu(x).amax(dim=1).flatten(1)
        x = F.relu(F.linear(x, self.w1, self.b1))
        return self.out(x)


torch.onnx.export(Bare().eval(), torch.randn(2, 1, 6, 6), "bare.onnx")
