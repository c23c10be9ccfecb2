import torch
import torch.nn as nn
import torch.nn.functional as F


class TextCNN(nn.Module):
    def __init__(self, vocab, dim, filters, sizes, classes):
        super().__init__()
        self.embed = nn.Embedding(vocab, dim)
        for i, size in enumerate(sizes):
            setattr(self, f"conv_{i}", nn.Conv1d(dim, filters, size))
        self.sizes = sizes
        self.fc = nn.Linear(filters * len(sizes), classes)

    def forward(self, x):
        x = self.embed(x).transpose(1, 2)
        pooled = []
        for i in range(len(self.sizes)):
            c = F.relu(getattr(self, f"conv_{i}")(x))
            pooled.append(c.max(dim=2)[0])
        return self.fc(torch.cat(pooled, dim=1))


model = TextCNN(30, 8, 6, [2, 3, 4], 3).eval()
torch.onnx.export(model, torch.randint(0, 30, (2, 9)), "textcnn.onnx")
