"""Pages of reference samples, for staff: the list, the planner, one sample, its labelling."""
