import torch
from torch import nn


class MLP(nn.Module):
    def __init__(self, sizes, dropout=0.1):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(i, o) for i, o in zip(sizes[:-1], sizes[1:]))
        self.norms = nn.ModuleList()
        for size in sizes[1:-1]:
            self.norms.append(nn.LayerNorm(size))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        for layer, norm in zip(self.layers, self.norms):
            x = self.dropout(norm(torch.relu(layer(x))))
        return self.layers[-1](x)


model = MLP([6, 16, 12, 8, 2]).eval()
torch.onnx.export(model, torch.randn(2, 6), "mlp.onnx")
