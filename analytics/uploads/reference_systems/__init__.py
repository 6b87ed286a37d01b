"""Where a layer lies: its reference system, known or asked for with guesses."""
