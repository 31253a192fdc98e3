"""``rwthsam batch``: the commands as steps of a job."""
