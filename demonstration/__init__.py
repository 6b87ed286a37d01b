"""A synthetic demonstration region, generated from a seed. Nothing is downloaded, no place is real.

`demonstration.build.build` or `python -m demonstration FOLDER` generates it: the true land cover of
2018, 2021 and 2023, editions of CLC+ Backbone that map it with the published accuracy, two vintages
of communes, their populations, and a metadata file about the truth. Because the truth is known, the
platform's statistics can be checked against it.

    grids/        the square of ground, its seed, random fields, and drawing into cells
    landscape/    terrain, waters, settlements, roads, business zones
    truth/        the class of each cell in each year: blocks of towns, land cover, growth
    territories/  communes, their names and inhabitants; planning areas
    editions.py   the truth with the errors of a map
    files.py      rasters, zones and tables as files
    truth_labels.py, reference_sample.py    the truth as labels; a labelled sample of two editions
    build.py      runs all of these in order
    imagery/      simulated Sentinel-2
    forward.py    trains a network on the imagery

Each room imports only from those above it.
"""
