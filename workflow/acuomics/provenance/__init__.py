"""Could a stranger repeat the run? What went in, what came out, by which software, in a Workflow Run RO-Crate."""
