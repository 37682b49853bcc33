"""Panels over a screen: each asks one thing and returns a value."""
