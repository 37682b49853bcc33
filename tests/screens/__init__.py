"""Pictures of every screen and page, taken from the running programs with invented people."""
