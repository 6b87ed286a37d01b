"""The networks themselves; torch is imported with them."""
