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
        "precision": p.tolist(), "recall": r.tolist(), "f1": f.tolist(), "support": support.tolist(),
        "confusion": metrics.confusion_matrix(labels, answers, labels=every).tolist(),
    }


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
    "wilson": wilson(),
}
json.dump(golden, sys.stdout, separators=(",", ":"))
print()
