"""Reference samples by the API, for staff: the list, one sample, its points, labels."""
