"""Makes torch_*.onnx with Debian's python3-torch 1.13 (TorchScript exporter): python3 make_torch.py

Small modules with random weights, as users write them; each file keeps the names that the exporter gives.
"""
import os
import warnings

warnings.filterwarnings('ignore')
import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(7)


class Mlp(nn.Module):

    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(8, 16)
        self.fc2 = nn.Linear(16, 12)
        self.head = nn.Linear(12, 3)
        self.drop = nn.Dropout(0.2)

    def forward(self, x):
        return self.head(self.drop(torch.tanh(self.fc2(F.relu(self.fc1(x))))))


class Cnn(nn.Module):

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 8, 3), nn.ReLU())
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(nn.Flatten(), nn.Linear(8, 5), nn.LogSoftmax(dim=1))

    def forward(self, x):
        return self.classifier(self.pool(self.features(x)))


class Block(nn.Module):

    def __init__(self, c):
        super().__init__()
        self.conv1 = nn.Conv2d(c, c, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(c)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(c, c, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(c)

    def forward(self, x):
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return self.relu(y + x)


class Res(nn.Module):

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, padding=1)
        self.layer1 = nn.Sequential(Block(6), Block(6))
        self.fc = nn.Linear(6, 4)

    def forward(self, x):
        return self.fc(self.layer1(self.stem(x)).mean(dim=(2, 3)))


class Lstm(nn.Module):

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(20, 6)
        self.lstm = nn.LSTM(6, 5, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(10, 2)

    def forward(self, x):
        y, _ = self.lstm(self.embed(x))
        return self.fc(y[:, -1])


class Enc(nn.Module):

    def __init__(self):
        super().__init__()
        self.tok = nn.Embedding(30, 16)
        self.pos = nn.Parameter(torch.randn(1, 10, 16) * 0.02)
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(16, 2, 32, batch_first=True), 2)
        self.head = nn.Linear(16, 3)

    def forward(self, x):
        return self.head(self.encoder(self.tok(x) + self.pos).mean(1))


class Attn(nn.Module):

    def __init__(self, d, h):
        super().__init__()
        self.h = h
        self.query = nn.Linear(d, d)
        self.key = nn.Linear(d, d)
        self.value = nn.Linear(d, d)

    def forward(self, x):
        b, t, d = x.shape
        f = lambda z: z.view(b, t, self.h, d // self.h).transpose(1, 2)
        q, k, v = (f(self.query(x)), f(self.key(x)), f(self.value(x)))
        a = torch.softmax(q @ k.transpose(-1, -2) / (d // self.h) ** 0.5, -1)
        return (a @ v).transpose(1, 2).reshape(b, t, d)


class BertLayer(nn.Module):

    def __init__(self, d, h):
        super().__init__()
        self.attention = nn.ModuleDict({'self': Attn(d, h), 'output': nn.Linear(d, d)})
        self.norm1 = nn.LayerNorm(d)
        self.inter = nn.Linear(d, 2 * d)
        self.out = nn.Linear(2 * d, d)
        self.norm2 = nn.LayerNorm(d)

    def forward(self, x):
        x = self.norm1(x + self.attention['output'](self.attention['self'](x)))
        return self.norm2(x + self.out(F.gelu(self.inter(x))))


class Bert(nn.Module):

    def __init__(self):
        super().__init__()
        self.word = nn.Embedding(30, 16)
        self.position = nn.Embedding(10, 16)
        self.norm = nn.LayerNorm(16)
        self.layer = nn.ModuleList([BertLayer(16, 2) for _ in range(2)])
        self.pooler = nn.Linear(16, 16)
        self.classifier = nn.Linear(16, 3)

    def forward(self, x):
        h = self.norm(self.word(x) + self.position(torch.arange(x.shape[1])[None]))
        for l in self.layer:
            h = l(h)
        return self.classifier(torch.tanh(self.pooler(h[:, 0])))


class Gpt(nn.Module):

    def __init__(self):
        super().__init__()
        self.wte = nn.Embedding(30, 16)
        self.wpe = nn.Embedding(10, 16)
        self.h = nn.ModuleList([GptBlock(16, 2) for _ in range(2)])
        self.ln_f = nn.LayerNorm(16)
        self.lm_head = nn.Linear(16, 30, bias=False)
        self.lm_head.weight = self.wte.weight

    def forward(self, x):
        z = self.wte(x) + self.wpe(torch.arange(x.shape[1])[None])
        for l in self.h:
            z = l(z)
        return self.lm_head(self.ln_f(z)[:, -1])


class GptAttn(nn.Module):

    def __init__(self, d, h):
        super().__init__()
        self.h = h
        self.c_attn = nn.Linear(d, 3 * d)
        self.c_proj = nn.Linear(d, d)
        self.register_buffer('mask', torch.tril(torch.ones(10, 10)).view(1, 1, 10, 10))

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = self.c_attn(x).split(d, 2)
        f = lambda z: z.view(b, t, self.h, d // self.h).transpose(1, 2)
        q, k, v = (f(q), f(k), f(v))
        a = q @ k.transpose(-1, -2) / (d // self.h) ** 0.5
        a = a.masked_fill(self.mask[:, :, :t, :t] == 0, -1000000000.0).softmax(-1)
        return self.c_proj((a @ v).transpose(1, 2).reshape(b, t, d))


class GptMlp(nn.Module):

    def __init__(self, d):
        super().__init__()
        self.c_fc = nn.Linear(d, 4 * d)
        self.c_proj = nn.Linear(4 * d, d)
        self.act = nn.GELU()

    def forward(self, x):
        return self.c_proj(self.act(self.c_fc(x)))


class GptBlock(nn.Module):

    def __init__(self, d, h):
        super().__init__()
        self.ln_1 = nn.LayerNorm(d)
        self.attn = GptAttn(d, h)
        self.ln_2 = nn.LayerNorm(d)
        self.mlp = GptMlp(d)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class Ae(nn.Module):

    def __init__(self):
        super().__init__()
        self.enc = nn.Conv1d(2, 4, 3, stride=2, padding=1)
        self.dw = nn.Conv1d(4, 4, 3, padding=1, groups=4)
        self.dec = nn.ConvTranspose1d(4, 2, 4, stride=2, padding=1)
        self.act = nn.SiLU()
        self.up = nn.Upsample(scale_factor=2)

    def forward(self, x):
        return self.dec(self.act(self.dw(self.enc(x))))


class Gru(nn.Module):

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(3, 4, batch_first=True)
        self.out = nn.Linear(4, 1)

    def forward(self, x):
        _, h = self.gru(x)
        return torch.sigmoid(self.out(h[-1]))


class SqueezeExcite(nn.Module):

    def __init__(self, c):
        super().__init__()
        self.fc1 = nn.Conv2d(c, 2, 1)
        self.fc2 = nn.Conv2d(2, c, 1)

    def forward(self, x):
        return x * torch.sigmoid(self.fc2(F.relu(self.fc1(F.adaptive_avg_pool2d(x, 1)))))


class Mobile(nn.Module):

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.Hardswish())
        self.dw = nn.Conv2d(8, 8, 3, 1, 1, groups=8, bias=False)
        self.bn = nn.BatchNorm2d(8)
        self.se = SqueezeExcite(8)
        self.pw = nn.Conv2d(8, 16, 1)
        self.act = nn.Hardswish()
        self.drop = nn.Dropout(0.2)
        self.fc = nn.Linear(16, 5)

    def forward(self, x):
        x = self.se(F.relu6(self.bn(self.dw(self.stem(x)))))
        x = self.act(self.pw(x))
        return self.fc(self.drop(x.mean([2, 3])))


class UNet(nn.Module):

    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(1, 4, 3, 2, 1)
        self.mid = nn.Conv2d(4, 4, 3, 1, 1)
        self.up = nn.Upsample(scale_factor=2, mode='nearest')
        self.out = nn.Conv2d(5, 1, 1)
        self.gn = nn.GroupNorm(2, 4)

    def forward(self, x):
        d = F.leaky_relu(self.gn(self.down(x)))
        return self.out(torch.cat([self.up(self.mid(d)), x], 1))


class VisionTransformer(nn.Module):

    def __init__(self):
        super().__init__()
        self.patch = nn.Conv2d(1, 16, 4, 4)
        self.cls = nn.Parameter(torch.randn(1, 1, 16))
        self.pos = nn.Parameter(torch.randn(1, 5, 16))
        self.blocks = nn.Sequential(*[VisionBlock() for _ in range(2)])
        self.norm = nn.LayerNorm(16)
        self.head = nn.Linear(16, 3)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls.expand(x.shape[0], -1, -1), x], 1) + self.pos
        return self.head(self.norm(self.blocks(x))[:, 0])


class VisionBlock(nn.Module):

    def __init__(self):
        super().__init__()
        self.norm1 = nn.LayerNorm(16)
        self.attn = VisionAttention()
        self.norm2 = nn.LayerNorm(16)
        self.mlp = nn.Sequential(nn.Linear(16, 32), nn.GELU(), nn.Linear(32, 16))

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class VisionAttention(nn.Module):

    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(16, 48)
        self.proj = nn.Linear(16, 16)

    def forward(self, x):
        b, n, c = x.shape
        q, k, v = self.qkv(x).reshape(b, n, 3, 2, 8).permute(2, 0, 3, 1, 4).unbind(0)
        a = (q * 8 ** (-0.5) @ k.transpose(-2, -1)).softmax(-1)
        return self.proj((a @ v).transpose(1, 2).reshape(b, n, c))


class Stacked(nn.Module):

    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(3, 4, num_layers=2, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        y, _ = self.rnn(x)
        return self.fc(y.mean(1))


class SeqFirst(nn.Module):

    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(3, 4)
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        y, (h, c) = self.rnn(x.transpose(0, 1))
        return self.fc(h[-1])


class TextCnn(nn.Module):

    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(30, 8)
        self.convs = nn.ModuleList([nn.Conv1d(8, 6, k) for k in (2, 3)])
        self.fc = nn.Linear(12, 3)

    def forward(self, x):
        e = self.emb(x).transpose(1, 2)
        return self.fc(torch.cat([F.relu(c(e)).max(2)[0] for c in self.convs], 1))


class Siamese(nn.Module):

    def __init__(self):
        super().__init__()
        self.tower = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 4))
        self.head = nn.Linear(8, 2)

    def forward(self, x):
        return self.head(torch.cat([self.tower(x), self.tower(-x)], 1))


class Functional(nn.Module):

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(6, 6))
        self.b = nn.Parameter(torch.zeros(6))
        self.w2 = nn.Parameter(torch.randn(6, 3))

    def forward(self, x):
        return F.elu(F.linear(x, self.w, self.b)) @ self.w2


class PreNorm(nn.Module):

    def __init__(self):
        super().__init__()
        self.l = nn.TransformerEncoderLayer(16, 2, 32, norm_first=True, activation='gelu')
        self.inp = nn.Linear(4, 16)
        self.out = nn.Linear(16, 2)

    def forward(self, x):
        return self.out(self.l(self.inp(x).transpose(0, 1)).transpose(0, 1).mean(1))


def ids(t):
    return torch.randint(0, 20, (2, t))


CASES = [
    ("mlp", Mlp(), torch.randn(2, 8), 11),
    ("cnn", Cnn(), torch.randn(2, 1, 8, 8), 13),
    ("resnet", Res(), torch.randn(2, 3, 8, 8), 17),
    ("lstm", Lstm(), ids(7), 13),
    ("gru", Gru(), torch.randn(2, 5, 3), 11),
    ("encoder", Enc(), ids(10), 13),
    ("bert", Bert(), ids(10), 13),
    ("gpt", Gpt(), ids(10), 17),
    ("mobile", Mobile(), torch.randn(2, 3, 16, 16), 14),
    ("unet", UNet(), torch.randn(2, 1, 8, 8), 14),
    ("vit", VisionTransformer(), torch.randn(2, 1, 8, 8), 14),
    ("stacked", Stacked(), torch.randn(2, 5, 3), 14),
    ("seqfirst", SeqFirst(), torch.randn(2, 5, 3), 14),
    ("textcnn", TextCnn(), ids(7), 9),
    ("siamese", Siamese(), torch.randn(2, 6), 9),
    ("functional", Functional(), torch.randn(2, 6), 14),
    ("prenorm", PreNorm(), torch.randn(2, 5, 4), 14),
    ("autoencoder", Ae(), torch.randn(2, 2, 16), 13),
]
FOLDER = os.path.dirname(os.path.abspath(__file__))
for name, module, sample, opset in CASES:
    torch.onnx.export(module.eval(), sample, f"{FOLDER}/torch_{name}.onnx", opset_version=opset, input_names=["x"],
                      output_names=["y"], dynamic_axes={"x": {0: "n"}, "y": {0: "n"}})
