"""Checklists and schemes as data: what the shipped ones lead to."""
