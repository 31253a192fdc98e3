"""The models that can be chosen: where their weights come from, how large they are, under which licence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ..errors import ModelError

Family = Literal["rwthsam_net", "sam", "sam_hq", "mobile_sam", "medsam", "sam2_1"]

_SAM = "https://dl.fbaipublicfiles.com/segment_anything/"
_SAM_HQ = "https://huggingface.co/lkeab/hq-sam/resolve/main/"
_MOBILE_SAM = "https://raw.githubusercontent.com/ChaoningZhang/MobileSAM/master/weights/"
_MEDSAM = "https://zenodo.org/records/10689643/files/"
_SAM_2_1 = "https://dl.fbaipublicfiles.com/segment_anything_2/092824/"
OWN_WEIGHTS = "rwthsam_net.zip"
"""File name of the weights of this project's own network."""


@dataclass(frozen=True)
class ModelEntry:
    """One model of the catalogue.

    Attributes
    ----------
    name : str
        Stable id, as in ``"mobile_sam_vit_t"``.
    family : str
        ``"sam"``, ``"sam_hq"``, ``"mobile_sam"``, ``"medsam"`` or ``"sam2_1"``: which package builds it;
        ``"rwthsam_net"``: this project's own, see `models.rwthsam_net`.
    architecture : str
        Key in that package's registry, as in ``"vit_b"``.
    title : str
        For people.
    url : str
        Official address of the weights; empty where they come with this program.
    parameter_count : int
    size_bytes : int, optional
        Of the weights file; None where no source states it.
    sha256 : str, optional
        Of the weights file; None where no source states it, then only the size and the contents are checked.
    licence : str
        Of the weights.
    input_size : int
        Longest side in pixels of the pictures that the network looks at; SAM was trained with 1024.
    """

    name: str
    family: Family
    architecture: str
    title: str
    url: str
    parameter_count: int
    size_bytes: int | None = None
    sha256: str | None = None
    licence: str = "Apache-2.0"
    input_size: int = 1024

    @property
    def is_own(self) -> bool:
        """Whether it is this project's own network: it needs no PyTorch, and its weights come with the program."""
        return self.family == "rwthsam_net"

    @property
    def file_name(self) -> str:
        """Name of the weights file."""
        return OWN_WEIGHTS if self.is_own else self.url.rsplit("/", 1)[1]

    @property
    def size_text(self) -> str:
        """Size of the download for people, as in "41 MB"; an estimate from the parameters where it is not known."""
        if self.is_own:
            return "comes with RWTHSAM"
        about, size = ("", self.size_bytes) if self.size_bytes else ("about ", 4 * self.parameter_count)
        return f"{about}{size / 1e9:.1f} GB" if size >= 1e9 else f"{about}{size / 1e6:.0f} MB"


_MOBILE_SAM_VIT_T = ModelEntry(
    "mobile_sam_vit_t",
    "mobile_sam",
    "vit_t",
    "MobileSAM",
    _MOBILE_SAM + "mobile_sam.pt",
    10_130_092,
    40_728_226,
    "6dbb90523a35330fedd7f1d3dfc66f995213d81b29a5ca8108dbcdd4e37d6c2f",
)

_ENTRIES = (
    ModelEntry("rwthsam_net", "rwthsam_net", "net", "RWTHSAM-Net", "", 1_789_045),
    _MOBILE_SAM_VIT_T,
    # the same weights file: a model of its own, because its masks are others
    replace(_MOBILE_SAM_VIT_T, name="mobile_sam_vit_t_512", title="MobileSAM, fast (512 pixels)", input_size=512),
    ModelEntry(
        "sam_vit_b",
        "sam",
        "vit_b",
        "SAM ViT-B",
        _SAM + "sam_vit_b_01ec64.pth",
        93_735_472,
        375_042_383,
        "ec2df62732614e57411cdcf32a23ffdf28910380d03139ee0f4fcbe91eb8c912",
    ),
    ModelEntry(
        "sam_vit_l",
        "sam",
        "vit_l",
        "SAM ViT-L",
        _SAM + "sam_vit_l_0b3195.pth",
        312_342_832,
        1_249_524_607,
        "3adcc4315b642a4d2101128f611684e8734c41232a17c648ed1693702a49a622",
    ),
    ModelEntry(
        "sam_vit_h",
        "sam",
        "vit_h",
        "SAM ViT-H",
        _SAM + "sam_vit_h_4b8939.pth",
        641_090_608,
        2_564_550_879,
        "a7bf3b02f3ebf1267aba913ff637d9a2d5c33d3173bb679e46d9f338c26f262e",
    ),
    ModelEntry(
        "sam_hq_vit_tiny",
        "sam_hq",
        "vit_tiny",
        "Light HQ-SAM",
        _SAM_HQ + "sam_hq_vit_tiny.pth",
        10_578_604,
        sha256="0f32c075ccdd870ae54db2f7630e7a0878ede5a2b06d05d6fe02c65a82fb7196",
    ),
    ModelEntry("sam_hq_vit_b", "sam_hq", "vit_b", "SAM-HQ ViT-B", _SAM_HQ + "sam_hq_vit_b.pth", 94_806_576),
    ModelEntry("sam_hq_vit_l", "sam_hq", "vit_l", "SAM-HQ ViT-L", _SAM_HQ + "sam_hq_vit_l.pth", 313_676_080),
    ModelEntry(
        "sam_hq_vit_h",
        "sam_hq",
        "vit_h",
        "SAM-HQ ViT-H",
        _SAM_HQ + "sam_hq_vit_h.pth",
        642_686_000,
        2_570_940_653,
        "a7ac14a085326d9fa6199c8c698c4f0e7280afdbb974d2c4660ec60877b45e35",
    ),
    ModelEntry("medsam_vit_b", "medsam", "vit_b", "MedSAM ViT-B", _MEDSAM + "medsam_vit_b.pth", 93_735_472),
    ModelEntry(
        "sam2_1_hiera_tiny",
        "sam2_1",
        "hiera_tiny",
        "SAM 2.1 Hiera tiny",
        _SAM_2_1 + "sam2.1_hiera_tiny.pt",
        38_962_498,
        156_008_466,
        "7402e0d864fa82708a20fbd15bc84245c2f26dff0eb43a4b5b93452deb34be69",
    ),
    ModelEntry(
        "sam2_1_hiera_small",
        "sam2_1",
        "hiera_small",
        "SAM 2.1 Hiera small",
        _SAM_2_1 + "sam2.1_hiera_small.pt",
        46_060_354,
        184_416_285,
        "6d1aa6f30de5c92224f8172114de081d104bbd23dd9dc5c58996f0cad5dc4d38",
    ),
    ModelEntry(
        "sam2_1_hiera_base_plus",
        "sam2_1",
        "hiera_base_plus",
        "SAM 2.1 Hiera base plus",
        _SAM_2_1 + "sam2.1_hiera_base_plus.pt",
        80_850_178,
        323_606_802,
        "a2345aede8715ab1d5d31b4a509fb160c5a4af1970f199d9054ccfb746c004c5",
    ),
    ModelEntry(
        "sam2_1_hiera_large",
        "sam2_1",
        "hiera_large",
        "SAM 2.1 Hiera large",
        _SAM_2_1 + "sam2.1_hiera_large.pt",
        224_446_642,
        898_083_611,
        "2647878d5dfa5098f2f8649825738a9345572bae2d4350a2468587ece47dd318",
    ),
)

CATALOGUE: dict[str, ModelEntry] = {entry.name: entry for entry in _ENTRIES}


def model(name: str) -> ModelEntry:
    """The catalogue's entry of a name.

    Raises
    ------
    ModelError
        If there is none; the message lists the names there are.
    """
    if name not in CATALOGUE:
        raise ModelError(f"There is no model '{name}'. Choose one of {', '.join(CATALOGUE)}.")
    return CATALOGUE[name]
