"""Many scans, and scans in parts: the job, its tasks, what is finished already, and who computes them."""
