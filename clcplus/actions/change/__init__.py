"""Filtered change: which pairs of editions are filtered, the pass over them, what it stores."""
