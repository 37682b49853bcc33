"""The two widgets of the house: a painted page, and a box to type in."""
