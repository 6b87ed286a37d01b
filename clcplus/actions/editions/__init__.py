"""Editions: registered, ingested tile by tile, counted, completed, published."""
