"""The square of ground and its random fields, and what draws lines and shapes into its cells."""
