"""Sets of zones that accounts upload: their list, uploads, reports, and changes."""
