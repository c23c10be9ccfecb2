import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(
    nn.Linear(8, 16),
    nn.ReLU(),
    nn.Dropout(0.2),
    nn.Linear(16, 16), nn.Tanh(),
    nn.Linear(16, 3),
)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
x, y = torch.randn(32, 8), torch.randint(0, 3, (32,))
for epoch in range(2):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
model.eval()
torch.onnx.export(model, x[:2], "model.onnx")
