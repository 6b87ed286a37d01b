"""Reference samples: requested, drawn by a worker, labelled, published.

sample_request          what is asked for, checked
draw                    the points and strata, by a worker
sample_rows             one sample, locked; its name and its end
labels, label_files     what interpreters saw, one by one or from a file
agreement               of two interpreters
estimates, publication  what readers may see
sample_files            the points as a file
"""
