"""The model that replicates CLC+ on Sentinel-2. torch lives here and nowhere else."""
