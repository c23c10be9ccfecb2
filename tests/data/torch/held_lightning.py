import torch
from torch import nn


class LitModule(nn.Module):
    def __init__(self, hparams):
        super().__init__()
        self.hparams = hparams
        self.model = nn.Sequential(
            nn.Linear(hparams["inputs"], hparams["hidden"]),
            nn.ReLU(),
            nn.Linear(hparams["hidden"], hparams["classes"]))
        self.loss = nn.CrossEntropyLoss()

    def forward(self, x):
        return self.model(x)

    def training_step(self, batch):
        x, y = batch
        return self.loss(self(x), y)


hparams = dict(inputs=6, hidden=12, classes=3)
module = LitModule(hparams)
for step in range(3):
    module.training_step((torch.randn(8, 6), torch.randint(0, 3, (8,))))
torch.onnx.export(module.model.eval(), torch.randn(2, 6), "m.onnx")
