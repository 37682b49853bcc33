"""One script per figure of the bars, each a ratio against a named peer in the same run."""
