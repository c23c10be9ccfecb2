import torch
from torch import nn
import torch.nn.functional as F


class Attention(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.score = nn.Linear(size, 1)

    def forward(self, states):
        weights = torch.softmax(self.score(states), dim=1)
        return (weights * states).sum(dim=1)


class Model(nn.Module):
    def __init__(self, features=4, hidden=6):
        super().__init__()
        self.project = nn.Linear(features, hidden)
        self.rnn = nn.GRU(hidden, hidden, num_layers=2, bidirectional=True, batch_first=True)
        self.attention = Attention(2 * hidden)
        self.out1 = nn.Linear(2 * hidden, hidden)
        self.out2 = nn.Linear(hidden, 1)

    def forward(self, x):
        states, _ = self.rnn(F.gelu(self.project(x)))
        return self.out2(F.relu(self.out1(self.attention(states)))).squeeze(-1)


model = Model()
torch.onnx.export(model.eval(), torch.randn(2, 5, 4), "gru.onnx")
