"""The job runtime: kinds of jobs, their states, the queue, and the runner that works on them.

It knows no kind. Each kind is one module of :mod:`clcplus.job_kinds`.
"""
