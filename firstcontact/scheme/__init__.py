"""What a coordinator makes: the signed pack, from the scheme's files and everybody's public keys."""
