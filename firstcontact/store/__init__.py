"""The sealed store of one professional: visits as sealed, chained events, and documents committed with them."""
