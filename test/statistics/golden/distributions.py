"""Writes distributions.json: [function, arguments, value]. Run by hand with mpmath 1.4.1 and scipy 1.17.1.

mpmath (60 digits) wherever it converges; scipy for Student's t above 2000 degrees of freedom and for quantiles.
"""
import json
import mpmath as mp
import scipy
from scipy import special, stats

mp.mp.dps = 60
rows = []


def add(name, args, value):
    if value > mp.mpf(10) ** -300 or value < 0:
        rows.append([name, args, float(value)])


for z in [-8, -2.5, -0.3, 1e-9, 0.1, 0.5, 1, 1.96, 3, 5, 6, 7, 8, 8.3, 8.7, 8.9, 10, 15, 20, 30, 37]:
    add("normalSf", [z], mp.erfc(mp.mpf(z) / mp.sqrt(2)) / 2)
for p in [1e-300, 1e-100, 1e-17, 1e-10, 1e-3, 0.025, 0.1, 0.4, 0.6, 0.9, 0.999]:
    add("normalQuantile", [p], mp.mpf(float(special.ndtri(p))))
for df in [1, 1.5, 2, 3.7, 5, 10, 30.5, 100, 340, 1000.3, 1e4, 1e5, 1e6, 1e7, 1e9]:
    for t in [1e-8, 0.001, 0.3, 1, 1.96, 2.5, 4, 8, 12, 20, 36, 1e5]:
        x = mp.mpf(df) / (mp.mpf(df) + mp.mpf(t) ** 2)
        exact = df <= 2000
        add("tSf", [t, df], mp.betainc(mp.mpf(df) / 2, mp.mpf("0.5"), 0, x, regularized=True) / 2 if exact else mp.mpf(float(stats.t.sf(t, df))))
for df in [1, 1.5, 2, 5, 30, 1000, 1e5]:
    for p in [1e-200, 1e-100, 1e-20, 1e-10, 1e-5, 0.005, 0.025, 0.1, 0.3, 0.49]:
        add("tUpperQuantile", [p, df], mp.mpf(float(stats.t.isf(p, df))))
for a in [0.5, 1, 1.5, 2, 2.5, 5, 12, 50, 500, 5000]:
    for factor in [0.001, 0.1, 0.5, 0.9, 0.99, 1, 1.01, 1.1, 1.5, 2, 5, 30]:
        y = a * factor
        add("chi2Sf", [2 * y, 2 * a], mp.gammainc(a, y, mp.inf, regularized=True))
        add("chi2Cdf", [2 * y, 2 * a], mp.gammainc(a, 0, y, regularized=True))


def beta(x, a, b):
    x, a, b = mp.mpf(x), mp.mpf(a), mp.mpf(b)
    sd = mp.sqrt(a * b / ((a + b) ** 2 * (a + b + 1)))
    low = max(mp.mpf(0), x - 20 * sd)
    scale = mp.loggamma(a + b) - mp.loggamma(a) - mp.loggamma(b)
    f = lambda t: mp.exp(scale + (a - 1) * mp.log(t) + (b - 1) * mp.log1p(-t))
    return mp.quad(f, [low + (x - low) * mp.mpf(i) / 200 for i in range(201)], maxdegree=8)


for a, b in [(2, 5), (30, 1e6), (1e3, 1e3), (1e6, 1e6), (1e7, 2e7), (1e5, 3)]:
    for k in [-8, -3, -1, -0.1, 0, 0.1, 1, 3]:
        x = a / (a + b) + k * (a * b / ((a + b) ** 2 * (a + b + 1))) ** 0.5
        if 0 < x < 1:
            add("betaCdf", [x, a, b], beta(x, a, b))
for d1, d2, f in [(1, 10, 3), (4, 20, 2.5), (3, 1e5, 1.2), (10, 3, 0.4), (2, 50, 30)]:
    add("fSf", [f, d1, d2], mp.mpf(float(stats.f.sf(f, d1, d2))))

with open("distributions.json", "w") as file:
    json.dump({"mpmath": mp.__version__, "scipy": scipy.__version__, "rows": rows}, file)
print(len(rows))
