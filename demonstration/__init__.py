"""A synthetic demonstration region, generated from a seed. Nothing is downloaded, no place is real.

`demonstration.build.build` or `python -m demonstration FOLDER` generates it: the true land cover of
2018, 2021 and 2023, editions of CLC+ Backbone that map it with the published accuracy, two vintages
of communes, their populations, and a metadata file about the truth. Because the truth is known, the
platform's statistics can be checked against it.

`terrain`, `hydrology`, `settlements`, `roads`, `communes` and `names` lay the region out, and
`ground` runs them in order. `urban`, `land_cover` and `growth` give each cell its class in each
year. `noise` turns the truth into editions. `population` counts people, and `files` writes the
result. `imagery` simulates Sentinel-2, and `forward` trains a network on it. `fields`, `drawing`,
`kernels` and `frame` serve the others.
"""
