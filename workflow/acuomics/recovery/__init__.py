"""Whether the planted truth of a simulated study was found."""
