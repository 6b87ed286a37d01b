"""What a page tells its map."""
