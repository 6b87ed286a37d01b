"""A demonstration region, made by a program from a seed: nothing is downloaded, no place is real.

The door is `demonstration.build.build`, or `python -m demonstration FOLDER`. It
makes a known truth of land cover in 2018, 2021 and 2023, editions of CLC+ Backbone that map this
truth with the published accuracy, two vintages of communes, their populations, and a metadata file
that says what the truth was. As the truth is known, the platform's statistics can be held against
it.

Subjects: `terrain`, `hydrology`, `settlements`, `roads`, `communes` and `names` lay the region out;
`urban`, `land_cover` and `growth` give each cell its class in each year; `noise` makes maps of it;
`population` and `writing` do what they are called; `ground` puts them in their order. `imagery` is
what a satellite would have seen, and `forward` trains a network on it. `fields`, `drawing`,
`kernels` and `frame` serve the others.
"""
