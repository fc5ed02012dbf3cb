"""At home in scikit-learn: estimators that are networks (``pip install minitheanonet[sklearn]``)."""

from minitheanonet.neighbours.sklearn.networks import Classifier, Regressor
from minitheanonet.neighbours.sklearn.perceptrons import MLPClassifier, MLPRegressor

__all__ = ["Classifier", "MLPClassifier", "MLPRegressor", "Regressor"]
