"""What an evaluation is made of; no torch."""
