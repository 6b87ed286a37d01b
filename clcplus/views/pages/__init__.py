"""Pages beside those of territories and zones."""
