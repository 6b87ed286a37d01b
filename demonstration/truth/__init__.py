"""The true land cover: each cell's class in each year."""
