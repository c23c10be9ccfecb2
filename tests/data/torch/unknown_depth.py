import argparse
import torch
from torch import nn


def get_args():
    parser = argparse.ArgumentParser()
    parser.add_argument("--layers", type=int, default=3)
    parser.add_argument("--hidden", type=int, default=10)
    return parser.parse_args()


class Net(nn.Module):
    def __init__(self, args):
        super().__init__()
        self.first = nn.Linear(7, args.hidden)
        self.middle = nn.ModuleList([nn.Linear(args.hidden, args.hidden) for _ in range(args.layers)])
        self.bns = nn.ModuleList()
        for _ in range(args.layers):
            self.bns.append(nn.BatchNorm1d(args.hidden))
        self.last = nn.Linear(args.hidden, 4)

    def forward(self, x):
        x = self.first(x)
        for lin, bn in zip(self.middle, self.bns):
            x = torch.relu(bn(lin(x)))
        return self.last(x)


model = Net(get_args())
torch.onnx.export(model.eval(), torch.randn(2, 7), "net.onnx")
