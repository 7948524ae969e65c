"""Writes group-sequential.json. Run by hand with mpmath 1.4.1, numpy 2.4.6 and scipy 1.17.1.

crossings: P(first crossing at the last look), upper z boundaries, by nested Gauss-Legendre integration over a dense grid of
4,000 nodes a look in scores, down to -12 sd: another rule, cut and grid than the project's. two: the same for two looks by
mpmath at 30 digits. loss: the unit normal loss by mpmath at 50 digits.
"""
import json
import mpmath as mp
import numpy as np
from scipy.stats import norm

NODES, WEIGHTS = np.polynomial.legendre.leggauss(4000)


def crossings(t, z):
    out = [float(norm.sf(z[0]))]
    low, high = -12 * np.sqrt(t[0]), z[0] * np.sqrt(t[0])
    x = (NODES + 1) / 2 * (high - low) + low
    w = WEIGHTS * (high - low) / 2
    g = norm.pdf(x / np.sqrt(t[0])) / np.sqrt(t[0])
    for k in range(1, len(t)):
        s = np.sqrt(t[k] - t[k - 1])
        out.append(float(np.sum(w * g * norm.sf((z[k] * np.sqrt(t[k]) - x) / s))))
        low, high = -12 * np.sqrt(t[k]), z[k] * np.sqrt(t[k])
        y = (NODES + 1) / 2 * (high - low) + low
        g = np.array([np.sum(w * g * norm.pdf((v - x) / s)) / s for v in y])
        x, w = y, WEIGHTS * (high - low) / 2
    return out


def two(t, z):
    mp.mp.dps = 30
    a, b = mp.sqrt(t[0]), mp.sqrt(mp.mpf(t[1]) - t[0])
    sf = lambda u: mp.erfc(u / mp.sqrt(2)) / 2
    f = lambda u: mp.npdf(u) * sf((z[1] * mp.sqrt(t[1]) - u * a) / b)
    return float(mp.quad(f, [-30, -8, -4, -2, 0, 1, 2, min(3, z[0]), z[0]] if z[0] > 2 else [-30, -8, -4, -2, z[0]]))


def loss(k):
    mp.mp.dps = 50
    return float(mp.npdf(k) - k * mp.erfc(k / mp.sqrt(2)) / 2)


plans = [
    ([0.2, 0.4, 0.6, 0.8, 1], [2.413] * 5),
    ([0.2, 0.4, 0.6, 0.8, 1], [2.04 / f**0.5 for f in [0.2, 0.4, 0.6, 0.8, 1]]),
    ([0.05, 0.3, 0.31, 0.9, 0.95, 1], [4.2, 2.9, 2.7, 2.5, 2.2, 2.1]),
    ([0.5, 0.502, 1.3], [2.1, 2.2, 1.9]),
    ([0.1, 0.5, 1], [1, 0.2, -0.5]),
]
pairs = [([0.5, 1], [2.5, 2]), ([0.01, 1], [5, 1.7]), ([0.9, 1], [2.1, 2]), ([0.3, 0.35], [6, 5.5]), ([0.5, 2], [-0.5, 0])]
json.dump(
    {
        "crossings": [{"looks": t, "z": z, "probabilities": crossings(t, z)} for t, z in plans],
        "two": [{"looks": t, "z": z, "probability": two(t, z)} for t, z in pairs],
        "loss": [[k, loss(k)] for k in [-30, -3, -0.5, 0, 1e-9, 0.1, 0.5, 1, 2, 3, 5, 8, 12, 20, 30, 36]],
    },
    open("group-sequential.json", "w"),
    indent=1,
)
