"""What every part of both packages may use: no I/O but the sealed files, no knowledge of visits."""
