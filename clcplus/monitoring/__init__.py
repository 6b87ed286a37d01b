"""What operators see: log lines with one id, metrics, signs of life, traces."""
