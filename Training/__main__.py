"""Command line of the training: ``python -m Training train --out DIR``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from RWTHSAMLib.errors import RwthSamError, SettingsError

from .data import pictures as data_pictures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from RWTHSAMLib.models.rwthsam_net.network import RwthSamNet
    from RWTHSAMLib.models.rwthsam_net.runners import Runner
    from RWTHSAMLib.models.rwthsam_net.settings import NetSettings


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
    beginning = train.add_mutually_exclusive_group()
    beginning.add_argument("--ratings-of", type=Path, metavar="FOLDER", help="only rate the masks of another run anew")
    beginning.add_argument("--begin-with", type=Path, metavar="FILE", help="weights made by export, to train further")
    train.add_argument("--first-slice", type=int, default=0, metavar="N", help="number of the first slice to be made")
    train.set_defaults(run=_train)
    evaluate = commands.add_parser("evaluate", help="measure a run's last checkpoint, or a weights file")
    evaluate.add_argument("--run", dest="folder", type=Path, help="folder of a run")
    evaluate.add_argument("--weights", type=Path, help="a file made by export; runs in OpenVINO")
    evaluate.add_argument("--out", type=Path, required=True, help="folder for tables and pictures")
    evaluate.add_argument("--made", type=int, default=24, help="slices of held-out seeds")
    evaluate.add_argument("--phantoms", type=int, default=2, help="seeds of the product's phantoms")
    evaluate.add_argument("--assets", type=Path, help="folder of real scans, with their labels")
    evaluate.add_argument("--size", type=int, default=256, help="pixels of the made slices")
    evaluate.set_defaults(run=_evaluate)
    export = commands.add_parser("export", help="write a run's averaged weights as the file that is shipped")
    export.add_argument("--run", dest="folder", type=Path, required=True, help="folder of a run")
    export.add_argument("--out", type=Path, required=True, help="file to write, rwthsam_net.zip")
    export.set_defaults(run=_export)
    pictures = commands.add_parser("pictures", help="draw training slices with their targets")
    data_pictures.add_arguments(pictures)
    pictures.set_defaults(run=data_pictures.run)
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
    only_ratings = options.ratings_of is not None
    net, begin_with = _beginning(options)
    settings = TrainingSettings(net, options.seed, slices, only_ratings=only_ratings)
    Training(options.out, settings, limits, options.resume, begin_with, options.first_slice).run()


def _beginning(options: argparse.Namespace) -> tuple[NetSettings, Mapping[str, Tensor] | None]:
    """The network to train, and its weights where they come from another run or from a file."""
    import torch

    from RWTHSAMLib.models.rwthsam_net.settings import NetSettings
    from RWTHSAMLib.models.rwthsam_net.weights_file import read

    if options.begin_with is not None:
        file = read(options.begin_with)
        return file.settings, {name: torch.from_numpy(array).float() for name, array in file.weights.items()}
    if options.ratings_of is not None and not options.resume:
        network, state = _averaged(options.ratings_of)
        return network.settings, state["average"]
    return NetSettings(), None


def _evaluate(options: argparse.Namespace) -> None:
    from . import held_out
    from .answers import draw_answers
    from .curve import draw_curve
    from .evaluate import evaluate, write_table
    from .loop import CURVE

    runner = _runner(options)
    looked_at = [*held_out.made(options.made, options.size), *held_out.phantoms(options.phantoms)]
    if options.assets:
        looked_at += held_out.real(options.assets)
    for row in write_table(evaluate(runner, looked_at), options.out / "figures.csv"):
        print(*(cell.ljust(16 if column < 2 else 9) for column, cell in enumerate(row)))
    draw_answers(runner, looked_at[-8:], options.out / "answers.png")
    if options.folder and (options.folder / CURVE).exists():
        draw_curve(options.folder / CURVE, options.out / "curve.png")


def _runner(options: argparse.Namespace) -> Runner:
    from RWTHSAMLib.models.rwthsam_net.runners import OpenVinoRunner, TorchRunner
    from RWTHSAMLib.models.rwthsam_net.weights_file import read

    if (options.folder is None) == (options.weights is None):
        raise SettingsError("Expected either --run or --weights, to know what is to be measured.")
    if options.weights is not None:
        return OpenVinoRunner(read(options.weights))
    return TorchRunner(_averaged(options.folder)[0])


def _export(options: argparse.Namespace) -> None:
    from RWTHSAMLib.models.rwthsam_net.export import export

    network, state = _averaged(options.folder)
    about = {name: state[name] for name in ("settings", "step", "next_index", "spent_s")}
    export(network, options.out, about)
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB after {state['step']} steps")


def _averaged(folder: Path) -> tuple[RwthSamNet, dict[str, Any]]:
    """The averaged network of a run's last checkpoint, and the checkpoint."""
    from RWTHSAMLib.models.rwthsam_net.network import RwthSamNet
    from RWTHSAMLib.models.rwthsam_net.settings import NetSettings

    from . import checkpoints

    state = checkpoints.load_last(folder)
    network = RwthSamNet(NetSettings.from_json(state["settings"]["net"])).eval()
    network.load_state_dict(state["average"])
    return network, state


if __name__ == "__main__":
    raise SystemExit(main())
