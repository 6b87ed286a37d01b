"""Rankings of a level, as a page and as a file."""
