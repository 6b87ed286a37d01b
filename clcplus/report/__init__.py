"""A territory's report as a PDF: its figures read, its maps drawn, its pages set. Made by workers.

``rendering`` alone imports WeasyPrint, and ``making`` alone imports ``rendering``: the web process
knows neither.
"""
