"""Layers: pure graphs of parameters and state, and the tree that they form."""
