"""The workflow on a Slurm of its own."""
