"""The mailbox: storage on a real file, the program as a real process, and a world of parties around it."""
