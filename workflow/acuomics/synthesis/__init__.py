"""What holds across studies: one effect a study, pooled only with its like, and every claim looked for elsewhere."""
