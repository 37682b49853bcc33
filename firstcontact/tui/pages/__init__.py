"""The pages as pure functions: from rows of `firstcontact.rows` to rows of text, for any width and height."""
