"""Where providers knock: one door for each program, proof before anything else."""
