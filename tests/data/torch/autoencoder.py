import torch
from torch import nn, optim


class Encoder(nn.Module):
    def __init__(self, latent):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(1, 4, 3, stride=2, padding=1), nn.LeakyReLU(0.1),
                                 nn.Conv2d(4, 8, 3, stride=2, padding=1), nn.LeakyReLU(0.1), nn.Flatten())
        self.mean = nn.Linear(8 * 2 * 2, latent)

    def forward(self, x):
        return self.mean(self.net(x))


class Decoder(nn.Module):
    def __init__(self, latent):
        super().__init__()
        self.start = nn.Linear(latent, 8 * 2 * 2)
        self.up = nn.Sequential(
            nn.Upsample(scale_factor=2),
            nn.Conv2d(8, 4, 3, padding=1), nn.ReLU(),
            nn.ConvTranspose2d(4, 1, 2, stride=2))

    def forward(self, z):
        return torch.sigmoid(self.up(self.start(z).view(-1, 8, 2, 2)))


class AutoEncoder(nn.Module):
    def __init__(self, latent=4):
        super().__init__()
        self.encoder = Encoder(latent)
        self.decoder = Decoder(latent)

    def forward(self, x):
        return self.decoder(self.encoder(x))


autoencoder = AutoEncoder()
optimizer = optim.SGD(autoencoder.parameters(), lr=0.1)
torch.onnx.export(autoencoder.eval(), torch.randn(2, 1, 8, 8), "ae.onnx")
