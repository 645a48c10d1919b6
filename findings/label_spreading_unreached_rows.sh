#!/usr/bin/env bash
# Rows that no label reaches in the graph: what does scikit-learn's LabelSpreading predict for them?
# Expected: label_distributions_ is 0 for them, transduction_ gives them the first class, and predict_proba gives NaN:
# two methods of one model disagree, without an error. Look at the sums of label_distributions_ to find such rows.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    "scikit-learn==1.9.1" "numpy==2.4.6" "scipy==1.17.1"
cd "$folder"
venv/bin/python - <<'PYTHON'
import sys
import warnings

import numpy
import scipy
import sklearn
from sklearn.semi_supervised import LabelSpreading

print(f"python {sys.version.split()[0]}, scikit-learn {sklearn.__version__}, numpy {numpy.__version__}, scipy {scipy.__version__}")
warnings.simplefilter("ignore")  # a RuntimeWarning about the division is the only sign
X = numpy.array([[0.0], [0.1], [1.0], [1.1], [50.0], [50.1]])  # the last two are neighbors of each other only
y = numpy.array([2, -1, 1, -1, -1, -1])  # -1: unlabeled; no label in the second group
model = LabelSpreading(kernel="knn", n_neighbors=2).fit(X, y)
print("classes_            ", model.classes_)
print("label_distributions_", model.label_distributions_.tolist())
print("transduction_       ", model.transduction_)
print("predict_proba       ", model.predict_proba(X[-2:]).tolist())
as_recorded = (
    (model.label_distributions_[-2:] == 0).all()
    and numpy.isnan(model.predict_proba(X[-2:])).all()
    and (model.transduction_[-2:] == model.classes_[0]).all()
)
print("as recorded" if as_recorded else "CHANGED")
sys.exit(0 if as_recorded else 1)
PYTHON
