"""The library beside PyTorch and Keras.

A package, so that its modules may be named as those above it are.
"""
