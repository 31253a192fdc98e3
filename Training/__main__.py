"""Command line of the training: ``python -m Training train --out DIR``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from RWTHSAMLib.errors import RwthSamError

from .data import pictures


def main(arguments: list[str] | None = None) -> int:
    """Run a command; 0 when all went well, 2 when something that was given cannot be used."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except RwthSamError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m Training", description=__doc__)
    commands = parser.add_subparsers(required=True)
    train = commands.add_parser("train", help="train, or go on with training")
    train.add_argument("--out", type=Path, required=True, help="folder for checkpoints and the learning curve")
    train.add_argument("--resume", action="store_true", help="go on from the folder's last checkpoint")
    train.add_argument("--steps", type=int, help="stop after so many steps in all")
    train.add_argument("--minutes", type=float, help="stop after so many minutes")
    train.add_argument("--cool-down", type=int, default=0, help="last steps in which the learning rate falls")
    train.add_argument("--device", default="cpu", help="cpu, cuda or cuda:1")
    train.add_argument("--workers", type=int, default=1, help="processes that make slices")
    train.add_argument("--threads", type=int, help="threads of PyTorch")
    train.add_argument("--save-every", type=float, default=5.0, metavar="MINUTES")
    train.add_argument("--slices", type=int, help="slices per step (default: 2 on the CPU, 32 on a GPU)")
    train.add_argument("--seed", type=int, default=0)
    train.set_defaults(run=_train)
    sheets = commands.add_parser("pictures", help="draw sheets of training slices")
    pictures.add_arguments(sheets)
    sheets.set_defaults(run=pictures.run)
    return parser


def _train(options: argparse.Namespace) -> None:
    import torch

    from .loop import Limits, Training
    from .settings import TrainingSettings

    if options.threads:
        torch.set_num_threads(options.threads)
    slices = options.slices or (32 if options.device.startswith("cuda") else 2)
    limits = Limits(
        options.steps,
        options.minutes,
        options.cool_down,
        options.save_every,
        options.device,
        options.workers,
    )
    Training(options.out, TrainingSettings(seed=options.seed, slices_per_step=slices), limits, options.resume).run()


if __name__ == "__main__":
    raise SystemExit(main())
