"""Reads handwritten digits with PyTorch. Most of them, that is."""
import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.nn import functional as F


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.hidden = nn.Linear(8 * 4 * 4, 32)
        self.head = nn.Linear(32, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv(x)))
        x = F.relu(self.hidden(torch.flatten(x, 1)))
        return F.relu(self.head(x))


torch.manual_seed(4)
digits = load_digits()
x = (digits.images / 16).astype("float32")[:, None]
x_train, x_test, y_train, y_test = train_test_split(x, digits.target, test_size=300, random_state=4, stratify=digits.target)

model = Reader()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(10):
    for batch in torch.randperm(len(x_train)).split(64):
        loss = F.cross_entropy(model(torch.tensor(x_train[batch])), torch.tensor(y_train[batch]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

model.eval()
right = model(torch.tensor(x_test)).argmax(1).numpy() == y_test
print("accuracy on the tests: %.2f" % right.mean())
for digit in range(10):
    print(digit, "%.2f" % right[y_test == digit].mean())

torch.onnx.export(model, torch.tensor(x_test[:2]), "model.onnx", input_names=["image"], output_names=["digit"],
                  dynamic_axes={"image": {0: "n"}, "digit": {0: "n"}})
np.save("x.npy", x_test)
np.save("y.npy", y_test)
