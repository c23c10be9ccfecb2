import torch
import torch.nn as nn

linear = lambda i, o: nn.Sequential(nn.Linear(i, o), nn.LayerNorm(o), nn.ReLU())


def build(sizes):
    blocks = []
    previous = sizes[0]
    for size in sizes[1:]:
        blocks.append(linear(previous, size))
        previous = size
    return nn.Sequential(*blocks, nn.Linear(previous, 2))


net = build([7, 16, 8])
torch.onnx.export(net.eval(), torch.randn(2, 7), "m.onnx")
