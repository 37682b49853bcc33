"""One screen per view. A screen holds what is marked and which box is open; its page is painted by a pure function."""
