"""Drawings that stand in for photographs, when Caltech 101 is not at hand."""

from __future__ import annotations

from drawings.vehicles import generated_vehicles, write_generated_vehicles

__all__ = ["generated_vehicles", "write_generated_vehicles"]
