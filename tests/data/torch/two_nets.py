import argparse
import torch
from torch import nn


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(6, 8)
        self.fc2 = nn.Linear(8, 3)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))


class Large(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc1 = nn.Linear(6, width)
        self.fc2 = nn.Linear(width, width)
        self.fc3 = nn.Linear(width, 3)

    def forward(self, x):
        x = torch.relu(self.fc1(x))
        x = torch.relu(self.fc2(x))
        return self.fc3(x)


parser = argparse.ArgumentParser()
parser.add_argument("--small", action="store_true")
parser.add_argument("--width", type=int, default=20)
args = parser.parse_args()

model = Small() if args.small else Large(args.width)
torch.onnx.export(model.eval(), torch.randn(2, 6), "net.onnx")
