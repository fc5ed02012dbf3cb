"""Drawings that stand in for digits and photographs, when MNIST and Caltech 101 are not at hand."""

from __future__ import annotations

from drawings.digits import generated_digits
from drawings.vehicles import generated_vehicles, write_generated_vehicles

__all__ = ["generated_digits", "generated_vehicles", "write_generated_vehicles"]
