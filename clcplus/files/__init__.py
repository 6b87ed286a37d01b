"""Files of data that readers take away: tables and shapes, in several formats."""
