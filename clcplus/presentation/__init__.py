"""How figures are shown: words, numbers, rows, charts and colours of pages, report and widget."""
