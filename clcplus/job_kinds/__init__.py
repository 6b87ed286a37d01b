"""Kinds of jobs, one module each: ``KIND`` of a module says how its jobs are done.

The name of a module is that of its kind. :mod:`clcplus.jobs.kinds` finds them here.
"""
