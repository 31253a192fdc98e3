"""Run a job of RWTHSAM on SLURM, a worker with a GPU for each of eight SLURM jobs: python on_slurm.py study.yaml.

Needs dask-jobqueue (pip install dask-jobqueue); queue, memory and time are those of your cluster.
"""

import subprocess
import sys

from dask_jobqueue import SLURMCluster

if __name__ == "__main__":
    with SLURMCluster(
        queue="gpu",
        cores=1,
        processes=1,
        memory="32GB",
        walltime="04:00:00",
        job_extra_directives=["--gres=gpu:1"],
        worker_extra_args=["--memory-limit", "0"],
    ) as cluster:
        cluster.scale(8)
        words = ["rwthsam", "batch", sys.argv[1], "--scheduler", cluster.scheduler_address, "--patience", "3600"]
        sys.exit(subprocess.run(words).returncode)
