"""The desk: its inbox, pages, command line and post."""
