"""Makes golden.json, the numbers that golden_test.go expects of pkg/eval.

    pip install scikit-learn==1.9.1 scipy==1.17.1 statsmodels==0.15.0 numpy==2.4.6
    python make_golden.py > golden.json
"""
import json
import sys
import warnings

import numpy as np
import scipy
import sklearn
import statsmodels
from scipy import optimize, stats
from scipy.special import expit, logsumexp
from scipy.stats import binomtest
from sklearn import metrics
from sklearn.calibration import calibration_curve
from statsmodels.stats.proportion import proportion_confint

warnings.simplefilter("ignore")  # about absent classes and rows that sum to nearly 1: wanted here


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return (e / e.sum(axis=1, keepdims=True)).astype(np.float32)


def case(name, seed, n, k, sharp, present=None, never=(), certain=0):
    """n random rows of k classes; labels only from present; classes in never are
    never the answer; the first certain rows are one-hot on a random class."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(present or range(k), size=n)
    logits = rng.normal(size=(n, k)) * sharp
    logits[np.arange(n), labels] += 1.5
    logits[:, list(never)] -= 30
    probs = softmax(logits)
    for i in range(certain):
        probs[i] = 0
        probs[i, rng.integers(k)] = 1
    return {"name": name, "labels": labels.tolist(), "classes": k,
            "probs": [float(str(v)) for v in probs.ravel()], "want": want(labels, probs, k)}


def want(labels, probs32, k):
    probs = probs32.astype(np.float64)
    answers = probs.argmax(axis=1)  # the first of equals
    every = list(range(k))
    p, r, f, support = metrics.precision_recall_fscore_support(labels, answers, labels=every, zero_division=0)
    # scikit-learn bounds probabilities by the machine epsilon of their type and
    # sums in that type; bound them as it does for float32 and sum in float64.
    bounded = np.clip(probs, 2.0**-23, 1)
    right = answers == labels
    return {
        "accuracy": metrics.accuracy_score(labels, answers),
        "interval": list(proportion_confint(int(right.sum()), len(labels), alpha=0.05, method="wilson")),
        "balanced_accuracy": metrics.balanced_accuracy_score(labels, answers),
        "macro_f1": metrics.f1_score(labels, answers, average="macro"),
        "top5": metrics.top_k_accuracy_score(labels, probs, k=5, labels=every) if k > 5 else 1.0,
        "log_loss": metrics.log_loss(labels, bounded, labels=every),
        "brier": metrics.brier_score_loss(labels, probs, labels=every, scale_by_half=False),
        "ece": ece(right, probs.max(axis=1)),
        "auc": aucs(labels, probs, k), "macro_auc": float(np.mean([a for a in aucs(labels, probs, k) if a is not None] or [0.5])),
        "precision": p.tolist(), "recall": r.tolist(), "f1": f.tolist(), "support": support.tolist(),
        "confusion": metrics.confusion_matrix(labels, answers, labels=every).tolist(),
    }


def aucs(labels, probs, k):
    """One class against the others; null where there is not one of both."""
    return [metrics.roc_auc_score(labels == c, probs[:, c]) if 0 < (labels == c).sum() < len(labels) else None for c in range(k)]


def risk():
    """The exact upper bound of Clopper and Pearson, one-sided."""
    return [{"wrong": w, "n": n, "delta": d, "bound": float(stats.beta.ppf(1 - d, w + 1, n - w))}
            for w, n in [(0, 1), (0, 10), (0, 1000), (1, 10), (5, 500), (99, 100), (3, 60000)] for d in (0.05, 0.004)]


def curve():
    """A ROC curve with ties, as sklearn draws it."""
    rng = np.random.default_rng(11)
    is_, scores = rng.random(60) < 0.4, np.round(rng.random(60), 1)
    scores[is_] = np.minimum(1, scores[is_] + 0.2).round(1)
    f, t, _ = metrics.roc_curve(is_, scores, drop_intermediate=False)
    return {"scores": scores.tolist(), "is": is_.tolist(), "false": f.tolist(), "true": t.tolist(), "auc": metrics.roc_auc_score(is_, scores)}


def calibration():
    """The scales and biases that minimise the smoothed log loss, by scipy's optimisers."""
    out = []
    for seed, n, k, factor in [(21, 400, 3, 4.0), (22, 200, 10, 0.5), (23, 50, 4, 20.0)]:
        rng = np.random.default_rng(seed)
        labels = rng.integers(k, size=n)
        z = rng.normal(size=(n, k))
        z[np.arange(n), labels] += 2
        z = (z * factor).astype(np.float32)
        e = 1 / (n + 2)
        t = (1 - e) * np.eye(k)[labels] + e / k

        def loss(u):
            s = np.exp(u) * z.astype(float)
            return (t * (logsumexp(s, axis=1, keepdims=True) - s)).sum()
        u = optimize.minimize_scalar(loss, bounds=(np.log(0.01), np.log(100)), method="bounded", options={"xatol": 1e-12}).x
        out.append({"output": "softmax", "outputs": k, "z": [float(str(v)) for v in z.ravel()], "labels": labels.tolist(), "scale": [float(np.exp(u))], "bias": [], "curve": []})
    for seed, n, k, factor in [(31, 300, 1, 3.0), (32, 480, 4, 0.3), (33, 800, 1, 1.0)]:
        rng = np.random.default_rng(seed)
        labels = rng.integers(max(2, k), size=n)
        on = (labels == 1)[:, None] if k == 1 else np.eye(k)[labels] > 0
        z = (factor * (rng.normal(size=(n, k)) + 3 * on - 1)).astype(np.float32)
        if n > 500:  # saturated, as smoothed labels leave them
            z = (4 * np.tanh(z / 4)).astype(np.float32)
        scale, bias, curve = [], [], []
        for c in range(k):
            y, x = on[:, c], z[:, c].astype(float)
            t = np.where(y, (y.sum() + 1) / (y.sum() + 2), 1 / ((~y).sum() + 2))
            X = np.stack([x, np.ones(n)] + [x * np.abs(x)] * (n >= 500), axis=1)
            f = lambda w: (np.logaddexp(0, X @ w) - t * (X @ w)).sum()
            g = lambda w: X.T @ (expit(X @ w) - t)
            w = optimize.minimize(f, np.zeros(X.shape[1]), jac=g, method="BFGS", options={"gtol": 1e-10}).x
            scale.append(float(w[0])), bias.append(float(w[1]))
            curve += [float(v) for v in w[2:]]
        if k > 1:  # sharpened, as the outputs are divided by their sum

            def normalised(u):
                q = expit(np.exp(u) * (np.array(scale) * z + np.array(bias)))
                q /= q.sum(axis=1, keepdims=True)
                e = 1 / (n + 2)
                return -(((1 - e) * np.eye(k)[labels] + e / k) * np.log(q)).sum()
            s = np.exp(optimize.minimize_scalar(normalised, bounds=(np.log(0.01), np.log(100)), method="bounded", options={"xatol": 1e-12}).x)
            scale, bias = [float(v * s) for v in scale], [float(v * s) for v in bias]
        out.append({"output": "sigmoid", "outputs": k, "z": [float(str(v)) for v in z.ravel()], "labels": labels.tolist(), "scale": scale, "bias": bias, "curve": curve})
    return out


def ece(right, confidence, bins=15):
    """Guo et al. 2017, equation 3, on scikit-learn's reliability curve."""
    accuracy, mean = calibration_curve(right, confidence, n_bins=bins, strategy="uniform")
    counts = np.bincount(np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], confidence), minlength=bins)
    counts = counts[counts > 0]
    return float((counts * np.abs(accuracy - mean)).sum() / len(right))


def wilson():
    rows = []
    for correct, n in [(0, 1), (1, 1), (0, 10), (10, 10), (1, 3), (5, 10), (29, 30), (9912, 10000), (59999, 60000), (1, 1000000)]:
        for confidence in (0.5, 0.95, 0.999):
            a = proportion_confint(correct, n, alpha=1 - confidence, method="wilson")
            b = binomtest(correct, n).proportion_ci(confidence, method="wilson")
            assert np.allclose(a, (b.low, b.high), rtol=0, atol=1e-12), (correct, n)
            rows.append({"correct": correct, "n": n, "confidence": confidence, "lo": float(a[0]), "hi": float(a[1])})
    return rows


golden = {
    "made_by": f"make_golden.py: scikit-learn {sklearn.__version__}, scipy {scipy.__version__}, "
               f"statsmodels {statsmodels.__version__}, numpy {np.__version__}",
    "cases": [
        case("two classes", 1, 40, 2, 1.0),
        case("three classes, some certain", 2, 30, 3, 1.5, certain=10),
        case("ten classes", 3, 120, 10, 1.0),
        case("absent and never answered", 4, 30, 7, 1.0, present=[0, 1, 3, 4], never=[4, 6]),
        case("one picture", 5, 1, 3, 1.0),
    ],
    "wilson": wilson(), "risk": risk(), "curve": curve(), "calibration": calibration(),
}
json.dump(golden, sys.stdout, separators=(",", ":"))
print()
