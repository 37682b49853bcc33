"""The rules of the house as pure values and functions: time, ids and randomness arrive as arguments."""
