import torch
from torch import nn


def block(i, o, pool):
    layers = [nn.Conv1d(i, o, 5, padding=2), nn.BatchNorm1d(o), nn.ReLU()]
    if pool:
        layers += [nn.MaxPool1d(2)]
    return layers


class Signal(nn.Module):
    def __init__(self, channels=(1, 4, 8), classes=4):
        super().__init__()
        modules = []
        for index in range(len(channels) - 1):
            modules += block(channels[index], channels[index + 1], pool=index == 0)
        self.features = nn.Sequential(*modules)
        self.rnn = nn.GRU(channels[-1], 6, batch_first=True)
        self.classify = nn.Sequential(nn.Linear(6, 6), nn.Dropout(.1), nn.Linear(6, classes))

    def forward(self, x):
        f = self.features(x).permute(0, 2, 1)
        out, h = self.rnn(f)
        return self.classify(h[0])


if __name__ == '__main__':
    model = Signal()
    model.eval()
    with torch.no_grad():
        print(model(torch.randn(2, 1, 16)).shape)
    torch.onnx.export(model, torch.randn(2, 1, 16), "m.onnx")
