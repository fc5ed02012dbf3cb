"""Networks at home in scikit-learn: its estimators (``pip install minitheanonet[sklearn]``)."""

from minitheanonet.neighbours.sklearn.networks import Classifier, Regressor
from minitheanonet.neighbours.sklearn.perceptrons import MLPClassifier, MLPRegressor

__all__ = ["Classifier", "MLPClassifier", "MLPRegressor", "Regressor"]
