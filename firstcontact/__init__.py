"""First Contact: one visit, one checklist, every partner."""
