"""The visit program: the screens that a professional works with."""
