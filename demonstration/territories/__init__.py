"""Communes, their names, mergers and inhabitants, and the planning areas in them."""
