"""A territory's report as a PDF: its figures read, its maps drawn, its pages set. Made by workers.

``pdf_pages`` alone imports WeasyPrint, and ``production`` alone imports ``pdf_pages``: the web
process knows neither.
"""
