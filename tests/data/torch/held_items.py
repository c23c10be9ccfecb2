import torch
import torch.nn as nn
import torch.nn.functional as F

SPEC = {"wide": (9, 12), "narrow": (12, 4)}


class Named(nn.Module):
    def __init__(self):
        super().__init__()
        for name, (i, o) in SPEC.items():
            self.add_module(name, nn.Linear(i, o))
        self.heads = nn.ModuleDict()
        for task in ["left", "right"]:
            self.heads[task] = nn.Linear(4, 1)

    def forward(self, x):
        x = F.relu(self.narrow(F.relu(self.wide(x))))
        return torch.cat([head(x) for head in self.heads.values()], dim=1)


torch.onnx.export(Named().eval(), torch.randn(2, 9), "m.onnx")
