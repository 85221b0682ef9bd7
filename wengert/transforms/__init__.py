"""The two algorithms, each a map from a function to a function: `tangent` and `adjoint`."""
