"""The models in PyTorch."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from peers import INPUTS, OUTPUTS


class Block(nn.Module):
    def __init__(self, inputs, filters, stride):
        super().__init__()
        self.first = normed(inputs, filters, 3, stride)
        self.second = normed(filters, filters, 3, 1)
        self.around = normed(inputs, filters, 1, stride) if stride != 1 or inputs != filters else nn.Identity()

    def forward(self, x):
        return F.relu(self.second(F.relu(self.first(x))) + self.around(x))


def normed(inputs, filters, size, stride):
    conv = nn.Conv2d(inputs, filters, size, stride, size // 2, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(filters))


class EncoderLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.first_norm, self.second_norm = nn.LayerNorm(256), nn.LayerNorm(256)
        self.query, self.key, self.value, self.together = (nn.Linear(256, 256) for _ in range(4))
        self.hidden, self.output = nn.Linear(256, 1024), nn.Linear(1024, 256)

    def forward(self, x):
        normed = self.first_norm(x)
        split = lambda x: x.reshape(x.shape[0], 128, 4, 64).transpose(1, 2)
        heads = F.scaled_dot_product_attention(split(self.query(normed)), split(self.key(normed)), split(self.value(normed)))
        x = x + self.together(heads.transpose(1, 2).reshape(x.shape))
        return x + self.output(F.gelu(self.hidden(self.second_norm(x))))


def build(model, training):
    if model == "dense":
        return nn.Linear(5, 3)
    if model == "mlp":
        layers = [nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10)]
        return nn.Sequential(*layers, *([] if training else [nn.Softmax(-1)]))
    if model == "mlp_big":
        return nn.Sequential(
            nn.Linear(1024, 4096), nn.ReLU(), nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, 1024)
        )
    if model == "cnn":
        return nn.Sequential(
            nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(12 * 12 * 64, 128), nn.ReLU(), nn.Linear(128, 10),
        )
    if model == "resnet18":
        stages = [(64, 64, 1), (64, 64, 1), (64, 128, 2), (128, 128, 1), (128, 256, 2), (256, 256, 1), (256, 512, 2), (512, 512, 1)]
        stem = [normed(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
        ends = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 1000)]
        return nn.Sequential(*stem, *(Block(*stage) for stage in stages), *ends)
    return nn.Sequential(*(EncoderLayer() for _ in range(4)))


def tensor(batch, sample):
    sample = (sample[2], *sample[:2]) if len(sample) == 3 else sample
    return torch.from_numpy(np.random.default_rng(0).uniform(-1, 1, (batch, *sample)).astype("float32"))


class Calls:
    def __init__(self, threads, compiled):
        torch.set_num_threads(threads)
        torch.set_num_interop_threads(1)
        self.compiled = compiled

    def infer(self, model, batch):
        net, x = build(model, False).eval(), tensor(batch, INPUTS[model])
        if self.compiled:
            torch._dynamo.reset()
            net = torch.compile(net)

        def call():
            with torch.inference_mode():
                return net(x)

        return call

    def train(self, model, batch):
        net, x = build(model, True).train(), tensor(batch, INPUTS[model])
        classes = torch.arange(batch) * 7 % 10
        y = tensor(batch, OUTPUTS[model]) if model in OUTPUTS else classes
        loss = F.mse_loss if model in OUTPUTS else F.cross_entropy
        adam = torch.optim.Adam(net.parameters(), lr=1e-4, fused=True)
        if self.compiled:
            torch._dynamo.reset()
            net = torch.compile(net)

        def step():
            adam.zero_grad()
            value = loss(net(x), y)
            value.backward()
            adam.step()
            return value.item()

        return step

    def save(self, model, path):
        x = tensor(1, INPUTS[model])
        torch.jit.save(torch.jit.trace(build(model, False).eval(), x), path)

    def load(self, model, path):
        with torch.inference_mode():
            torch.jit.load(path)(tensor(1, INPUTS[model]))
