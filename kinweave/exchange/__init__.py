"""What comes in from elsewhere and goes out to others: it translates, nothing else."""
