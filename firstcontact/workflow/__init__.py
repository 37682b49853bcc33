"""What a visitor does: one transaction per act, and what screens and commands read back."""
