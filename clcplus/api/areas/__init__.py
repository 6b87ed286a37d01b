"""An area that a reader posts: counted at once, and nothing of it is kept."""
