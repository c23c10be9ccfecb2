"""Which of four regions a point lies in. The answers are poor: a softmax stands inside the network, where a relu belongs."""
import numpy as np
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, inputs, hidden, classes):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(inputs, hidden), nn.ReLU(),
            nn.Linear(hidden, hidden), nn.ReLU())
        self.middle = nn.Linear(hidden, hidden)
        self.squash = nn.Softmax(dim=1)
        self.head = nn.Linear(hidden, classes)

    def forward(self, x):
        x = self.encoder(x)
        x = self.squash(self.middle(x))
        return self.head(x)


torch.manual_seed(1)
x = torch.rand(2400, 6) * 2 - 1
y = (torch.sin(3 * x[:, 0]) + x[:, 1] * x[:, 2] > 0).long() + 2 * (x[:, 3] ** 2 + x[:, 4] * x[:, 5] > 0.3).long()
model = Net(6, 32, 4)
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(25):
    for at in torch.randperm(2000).split(50):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x[at]), y[at]).backward()
        optimizer.step()

model.eval()
np.save("x.npy", x[2000:].numpy())
np.save("y.npy", y[2000:].numpy())
torch.onnx.export(model, x[:1], "model.onnx", input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "n"}, "y": {0: "n"}})
print("accuracy", (model(x[2000:]).argmax(1) == y[2000:]).float().mean().item())
