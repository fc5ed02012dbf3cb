"""How much a file may ask for: looked at before anything is allocated."""

MAX_ARRAY_BYTES = 2**32  # of all the arrays of a file together
MAX_CONFIG_BYTES = 2**20  # of the network's configuration
MAX_METADATA_BYTES = 2**26  # of our own record, which holds the history of a training
MAX_HEAP_BYTES = 2**24  # of texts of variable length, Keras's, and what lies beside them
MAX_LAYERS = 512
# HDF5 keeps at most 64 KiB in an attribute, and Keras wants the names of all layers in one.
MAX_NAME_BYTES = 120
MAX_DEPTH = 8  # of networks in networks
MAX_LENGTH = 2**31 - 1  # of one axis
MAX_AXES = 8
