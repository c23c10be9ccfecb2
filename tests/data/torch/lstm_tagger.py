import torch
from torch import nn


class Classifier(nn.Module):
    def __init__(self, vocabulary, width, hidden, classes):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.encoder = nn.LSTM(width, hidden, batch_first=True)
        self.head = nn.Linear(hidden, classes)

    def forward(self, tokens):
        states, (last, _) = self.encoder(self.embedding(tokens))
        return self.head(states.mean(dim=1))


model = Classifier(50, 12, 10, 3)
model.eval()
torch.onnx.export(model, torch.randint(0, 50, (2, 7)), "tagger.onnx")
