"""Images and signals: recursive filters, convolutions by slices, transforms, networks that are unrolled."""

from __future__ import annotations

import numpy as np

from real.registry import real


@real(lambda r: (0.3, r.random((5, 4))), "alpha img")
def deriche(alpha, img):
    """Smoothing by two recursive filters along each axis, one forward and one backward."""
    k = (1.0 - np.exp(-alpha)) ** 2 / (1.0 + 2.0 * alpha * np.exp(-alpha) - np.exp(-2.0 * alpha))
    a1 = a5 = k
    a2 = a6 = k * np.exp(-alpha) * (alpha - 1.0)
    a3 = a7 = k * np.exp(-alpha) * (alpha + 1.0)
    a4 = a8 = -k * np.exp(-2.0 * alpha)
    b1 = 2.0 * np.exp(-alpha)
    b2 = -np.exp(-2.0 * alpha)
    c1 = c2 = 1

    y1 = np.empty_like(img)
    y1[:, 0] = a1 * img[:, 0]
    y1[:, 1] = a1 * img[:, 1] + a2 * img[:, 0] + b1 * y1[:, 0]
    for j in range(2, img.shape[1]):
        y1[:, j] = a1 * img[:, j] + a2 * img[:, j - 1] + b1 * y1[:, j - 1] + b2 * y1[:, j - 2]

    y2 = np.empty_like(img)
    y2[:, -1] = 0.0
    y2[:, -2] = a3 * img[:, -1]
    for j in range(img.shape[1] - 3, -1, -1):
        y2[:, j] = a3 * img[:, j + 1] + a4 * img[:, j + 2] + b1 * y2[:, j + 1] + b2 * y2[:, j + 2]

    out = c1 * (y1 + y2)

    y1[0, :] = a5 * out[0, :]
    y1[1, :] = a5 * out[1, :] + a6 * out[0, :] + b1 * y1[0, :]
    for i in range(2, img.shape[0]):
        y1[i, :] = a5 * out[i, :] + a6 * out[i - 1, :] + b1 * y1[i - 1, :] + b2 * y1[i - 2, :]

    y2[-1, :] = 0.0
    y2[-2, :] = a7 * out[-1, :]
    for i in range(img.shape[0] - 3, -1, -1):
        y2[i, :] = a7 * out[i + 1, :] + a8 * out[i + 2, :] + b1 * y2[i + 1, :] + b2 * y2[i + 2, :]

    out[:] = c2 * (y1 + y2)
    return out


@real(lambda r: (r.random(8), r.random(3), np.array([1.0, -0.4, 0.1])), "x b a")
def iir_filter(x, b, a):
    """A direct form filter, element by element, in delays that move up in place."""
    y = np.zeros_like(x)
    delays = np.zeros(len(a) - 1)
    for n in range(len(x)):
        y[n] = b[0] * x[n] + delays[0]
        delays[:-1] = delays[1:]
        delays[-1] = 0.0
        delays += b[1:] * x[n] - a[1:] * y[n]
    return y


def conv2d(image, weights):
    """Images (number, height, width, channels) with weights (k, k, channels in, channels out): one slice for each output."""
    K = weights.shape[0]
    N, H, W = image.shape[0], image.shape[1] - K + 1, image.shape[2] - K + 1
    output = np.empty((N, H, W, weights.shape[3]), dtype=image.dtype)
    for i in range(H):
        for j in range(W):
            output[:, i, j, :] = np.sum(
                image[:, i : i + K, j : j + K, :, np.newaxis] * weights[np.newaxis, :, :, :], axis=(1, 2, 3)
            )
    return output


@real(lambda r: (r.random((2, 4, 4, 2)), r.random((3, 3, 2, 2)), r.random(2)), "image weights bias")
def conv2d_bias(image, weights, bias):
    return conv2d(image, weights) + bias


def pad(x, width):
    """A frame of zeros."""
    padded = np.zeros((x.shape[0], x.shape[1] + 2 * width, x.shape[2] + 2 * width, x.shape[3]))
    padded[:, width:-width, width:-width, :] = x
    return padded


def maxpool2d(x):
    output = np.empty([x.shape[0], x.shape[1] // 2, x.shape[2] // 2, x.shape[3]], dtype=x.dtype)
    for i in range(x.shape[1] // 2):
        for j in range(x.shape[2] // 2):
            output[:, i, j, :] = np.max(x[:, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2, :], axis=(1, 2))
    return output


def relu(x):
    return np.maximum(x, 0)


@real(
    lambda r: (r.random((2, 4, 4, 1)), r.standard_normal((3, 3, 1, 2)), r.standard_normal(2), r.standard_normal((8, 3))),
    "image weights bias dense",
)
def small_cnn(image, weights, bias, dense):
    """Padding, convolution, pooling, and a dense layer."""
    x = relu(conv2d(pad(image, 1), weights) + bias)
    x = maxpool2d(x)
    x = np.reshape(x, (x.shape[0], x.shape[1] * x.shape[2] * x.shape[3]))
    return x @ dense


@real(
    lambda r: (r.random((1, 4, 4, 2)), 0.5 * r.standard_normal((1, 1, 2, 2)), 0.5 * r.standard_normal((3, 3, 2, 2))),
    "image first second",
    step=1e-4,
)
def residual_block(image, first, second):
    """Convolutions with normalization over the batch, added to what came in."""

    def normalized(x, eps=1e-5):
        mean = np.mean(x, axis=0, keepdims=True)
        std = np.std(x + np.arange(x.size).reshape(x.shape), axis=(0, 1, 2), keepdims=True)
        return (x - mean * 0.5) / np.sqrt(std + eps)

    framed = np.zeros((image.shape[0], image.shape[1] + 2, image.shape[2] + 2, first.shape[3]), dtype=image.dtype)
    framed[:, 1:-1, 1:-1, :] = conv2d(image, first)
    x = normalized(framed)
    x = relu(x)
    x = normalized(conv2d(x, second))
    return relu(x + image)


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def lstm_inputs(r):
    d, n = 2, 3
    return (
        r.standard_normal((4, d)), 0.5 * r.standard_normal((d + n, 4 * n)), 0.1 * r.random(4 * n), np.zeros(n), np.zeros(n)
    )  # fmt: skip


@real(lstm_inputs, "xs W b h c", writes="h c")
def lstm(xs, W, b, h, c):
    """The state is kept in the arrays that are given; the outputs of all times are returned."""
    n = len(h)
    outputs = np.zeros((xs.shape[0], n))
    for t in range(xs.shape[0]):
        gates = np.concatenate((xs[t], h)) @ W + b
        i, f, o = sigmoid(gates[:n]), sigmoid(gates[n : 2 * n]), sigmoid(gates[2 * n : 3 * n])
        c *= f
        c += i * np.tanh(gates[3 * n :])
        h[:] = o * np.tanh(c)
        outputs[t, :] = h
    return outputs


def gru_inputs(r):
    d, n = 2, 3
    shapes = {"Wz": (d, n), "Uz": (n, n), "Wr": (d, n), "Ur": (n, n), "Wh": (d, n), "Uh": (n, n)}
    return {name: 0.5 * r.standard_normal(shape) for name, shape in shapes.items()}, r.standard_normal((4, 2, d))


@real(gru_inputs, "parameters xs")
def gru(parameters, xs):
    """Parameters in a dict; the states of all times are collected in a list."""
    h = np.zeros((xs.shape[1], parameters["Uz"].shape[0]))
    states = []
    for x in xs:
        z = sigmoid(x @ parameters["Wz"] + h @ parameters["Uz"])
        reset = sigmoid(x @ parameters["Wr"] + h @ parameters["Ur"])
        proposal = np.tanh(x @ parameters["Wh"] + (reset * h) @ parameters["Uh"])
        h = (1.0 - z) * h + z * proposal
        states.append(h)
    return np.mean(np.stack(states) ** 2, axis=(1, 2))


@real(
    lambda r: (r.random((3, 4)).astype(np.float32), r.standard_normal((4, 3)).astype(np.float32), r.random((3, 3)), 2),
    "x W target",
    step=1e-2,
)
def single_precision(x, W, target, steps):
    """Buffers in single precision take values in double precision; the loss is summed in double."""
    state = np.zeros(x.shape[:1] + W.shape[1:], dtype=np.float32)
    for _ in range(steps):
        state[:] = np.tanh(x @ W + 0.1 * state)
    return np.sum((state - target) ** 2)
